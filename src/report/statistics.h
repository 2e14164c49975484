// The statistics of the cells of a sweep, computed only here, for the files and the table of
// `transfer` and for the page. The page calls these functions on the cells and does not read
// summary.json, because a sweep that is running or was killed has none. What the page compares
// beyond rows, over all cuts or between sweeps, is in practice.h: it takes by_seed and the paired
// differences from here. Pure functions.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/stats.h"

namespace espalier::report {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// A result is called clear where its p, corrected by Holm, is at most this.
inline constexpr double kLevel = 0.05;

struct Cell {
  std::string id, mode, stage;
  std::string status;            // "done", "diverged", ...; kWaiting
  int64_t cut = 0;               // stages kept; 0 = scratch
  int64_t labels_per_class = 0;  // 0 = all
  int64_t seed = 0;
  double accuracy = kUnknown, loss = kUnknown, seconds = kUnknown;  // NaN where the cell has none
  bool stuck = false;                                               // done, with accuracy at chance

  static constexpr const char* kWaiting = "waiting";  // planned, without a result so far
  bool done() const { return status == "done"; }
  bool waiting() const { return status == kWaiting; }
};

// Cells that differ by their seed alone.
struct Row {
  std::string mode, stage;
  int64_t cut = 0;
  int64_t labels_per_class = 0;
  Interval accuracy;              // n counts the cells in the mean
  Interval difference;            // to scratch, paired by seed; NaN for scratch itself
  double p = 1, holm_p = 1;       // holm_p: corrected for every comparison of the sweep
  int64_t failed = 0, stuck = 0;  // cells that ended without a value (diverged), and at chance
};

// A mode that starts from random weights; it is shown and compared, never "best".
bool is_control(const std::string& mode);

// In the order of `labels_per_class`: few before many, all (0) last.
bool fewer_labels(int64_t a, int64_t b);

// Accuracy of the done cells by seed; cut 0 of any mode is scratch.
std::map<int64_t, double> by_seed(const std::vector<Cell>& cells, int64_t labels_per_class,
                                  const std::string& mode, int64_t cut);

// Differences over the seeds that both have.
PairedDifference paired_by_seed(const std::map<int64_t, double>& a,
                                const std::map<int64_t, double>& b);

// Rows by labels, mode (scratch first) and cut, of the cells that have ended.
[[nodiscard]] std::vector<Row> summarize(const std::vector<Cell>& cells);

// The row of highest mean above cut 0 that is no control; null where none has `least_n` cells in
// its mean. It is selected by the test set: text that quotes it must name the selection and
// holm_p. One seed selects nothing.
[[nodiscard]] const Row* best_row(const std::vector<Row>& rows, int64_t labels_per_class,
                                  int64_t least_n = 2);

// How many means best_row chooses from.
[[nodiscard]] int64_t means_compared(const std::vector<Row>& rows, int64_t labels_per_class);

// How many comparisons holm_p is corrected for.
[[nodiscard]] int64_t comparisons_corrected(const std::vector<Row>& rows);

}  // namespace espalier::report

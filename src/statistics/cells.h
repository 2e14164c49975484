// The cells of a sweep, and the rows that cells make which differ by seed alone. What `transfer`
// writes, prints and what the page shows of accuracies is computed in this folder and nowhere else.
// The page computes it from the cells, because a sweep that runs or was killed has no summary.json.
//
//   const std::vector<Row> rows = summarize(cells);
//
// Pure functions.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/stats.h"

namespace espalier::statistics {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// A result is called clear where its p, corrected by Holm, is at most this.
inline constexpr double kLevel = 0.05;

// The source that stands for the backbones under test; every other source is one set of weights.
inline constexpr const char* kOurs = "ours";

// What a figure draws as one line: arms that differ by cut and labels alone.
struct Line {
  std::string source;    // where the kept weights come from; "" where from no file
  std::string mode;      // "scratch", "frozen", ...
  std::string head;      // what stands above the cut
  double factor = 0;     // rate of the kept stages over that of the fresh ones; 0 = not trained
  bool control = false;  // starts from weights that nobody trained: shown, compared, never best

  bool operator==(const Line&) const = default;
};

struct Cell {
  std::string id, source, mode, head, stage;
  std::string status;            // "done", "diverged", ...; kWaiting
  double factor = 0;             // of Line
  int64_t cut = 0;               // stages kept; 0 = scratch
  int64_t labels_per_class = 0;  // 0 = all
  int64_t seed = 0;
  int64_t backbone = 0;  // which of ours; another seed of another backbone shares nothing
  double lr = kUnknown;  // the setting that its arm chose
  int64_t steps = 0;
  double validation = kUnknown;  // held-out accuracy by which the arm chose its setting
  double accuracy = kUnknown, loss = kUnknown, seconds = kUnknown;  // NaN where the cell has none
  bool stuck = false;                                               // done, with accuracy at chance
  bool control = false;                                             // of Line

  static constexpr const char* kWaiting = "waiting";  // planned, without a result so far
  bool done() const { return status == "done"; }
  bool waiting() const { return status == kWaiting; }
  Line line() const { return {source, mode, head, factor, control}; }
};

// Cells that differ by their seed alone: an arm.
struct Row {
  Line line;
  std::string stage;
  int64_t cut = 0;
  int64_t labels_per_class = 0;
  double lr = kUnknown, validation = kUnknown;
  int64_t steps = 0;
  Interval accuracy;              // n counts the cells in the mean
  Interval difference;            // to scratch, paired by seed; NaN for scratch itself
  double p = 1, holm_p = 1;       // holm_p: corrected for every comparison of the sweep
  int64_t failed = 0, stuck = 0;  // cells that ended without a value (diverged), and at chance
};

// In the order of `labels_per_class`: few before many, all (0) last.
bool fewer_labels(int64_t a, int64_t b);

// A value of each seed. Seeds of one cluster share a backbone; kNoCluster: the seed shares nothing.
struct Value {
  static constexpr int64_t kNoCluster = -1;
  double value = 0;
  int64_t cluster = kNoCluster;
};
using BySeed = std::map<int64_t, Value>;

// Accuracy of the done cells; cut 0 of any line is scratch.
BySeed by_seed(const std::vector<Cell>& cells, int64_t labels_per_class, const Line& line,
               int64_t cut);
BySeed scratch_by_seed(const std::vector<Cell>& cells, int64_t labels_per_class);

// a - b over the seeds that both have.
BySeed minus(const BySeed& a, const BySeed& b);

// Rows by labels, line (scratch first) and cut, of the cells that have ended.
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

// Lines in the order of the rows, scratch not among them.
std::vector<Line> lines_of(const std::vector<Row>& rows);

// The mode, and of source, factor and head what differs among `lines`: "tuned ×0.1, public".
std::string name_of(const Line& line, const std::vector<Line>& lines);

}  // namespace espalier::statistics

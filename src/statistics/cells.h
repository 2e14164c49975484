// The cells of a sweep, and the rows that cells make which differ by seed alone. What `transfer`
// writes, prints and what the page shows of accuracies is computed in this folder and nowhere else.
// The page computes it from the cells, because a sweep that runs or was killed has no summary.json.
//
//   const std::vector<Row> rows = summarize(cells);
//
// Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "statistics/estimate.h"

namespace espalier::statistics {

// A result is called clear where its p, corrected by Holm, is at most this.
inline constexpr double kLevel = 0.05;

// What counts as a difference at all: 1 point.
inline constexpr double kMargin = 0.01;

// The source that stands for the backbones under test; every other source is one set of weights.
inline constexpr const char* kOurs = "ours";

// What a figure draws as one line: arms that differ by cut and labels alone.
struct Line {
  std::string source = "";  // where the kept weights come from; "" where from no file
  std::string mode = "";    // "scratch", "frozen", ...
  std::string head = "";    // what stands above the cut
  double factor = 0;        // rate of the kept stages over that of the fresh ones; 0 = not trained
  bool control = false;     // starts from weights that nobody trained: shown, compared, never best

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
  bool is_of(const Line& line) const;
};

// Cells that differ by their seed alone: an arm.
struct Row {
  Line line;
  std::string stage;
  int64_t cut = 0;
  int64_t labels_per_class = 0;
  double lr = kUnknown, validation = kUnknown;
  int64_t steps = 0;
  Interval accuracy;                           // n counts the cells in the mean
  Interval difference{kUnknown, kUnknown, 0};  // to scratch, paired by seed; NaN for scratch itself
  double p = kUnknown;                         // that the difference is 0
  double holm_p = kUnknown;                    // corrected for every comparison of the sweep
  double sign_flip_p = kUnknown;               // of the same, assuming no distribution
  double equivalence_p = kUnknown;             // that the difference is kMargin or more, either way
  int64_t backbones = 0;  // that the values are of; 0 where no two seeds share weights
  double balanced_accuracy = kUnknown, macro_f1 = kUnknown;  // see statistics/predictions.h
  int64_t failed = 0, stuck = 0;  // cells that ended without a value (diverged), and at chance
};

// In the order of `labels_per_class`: few before many, all (0) last.
bool fewer_labels(int64_t a, int64_t b);

// What the seed's weights are shared by: its backbone of ours, the one set of another source.
int64_t cluster_of(const Cell& cell);

// Accuracy of the done cells; cut 0 of any line is scratch.
BySeed by_seed(const std::vector<Cell>& cells, int64_t labels_per_class, const Line& line,
               int64_t cut);
BySeed scratch_by_seed(const std::vector<Cell>& cells, int64_t labels_per_class);

// Rows by labels, line (scratch first) and cut, of the cells that have ended.
[[nodiscard]] std::vector<Row> summarize(const std::vector<Cell>& cells);

// Of the rows of the backbones under test that are no controls, the one of highest mean; null where
// none has `least_n` cells in its mean. It is selected by the test set: text that quotes it must name the selection and
// holm_p. One seed selects nothing.
[[nodiscard]] const Row* best_row(const std::vector<Row>& rows, int64_t labels_per_class,
                                  int64_t least_n = 2);

// Whether best_row chooses from it.
bool may_be_best(const Row& row, int64_t labels_per_class, int64_t least_n = 2);

// How many means best_row chooses from.
[[nodiscard]] int64_t means_compared(const std::vector<Row>& rows, int64_t labels_per_class);

// How many comparisons holm_p is corrected for.
[[nodiscard]] int64_t comparisons_corrected(const std::vector<Row>& rows);

// Lines in the order of the rows, scratch not among them.
std::vector<Line> lines_of(const std::vector<Row>& rows);

// The mode, and of source, factor and head what differs among `lines`: "tuned ×0.1, public".
std::string name_of(const Line& line, const std::vector<Line>& lines);

}  // namespace espalier::statistics

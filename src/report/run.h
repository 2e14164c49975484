// What is read of run folders, and nothing else: no weights, no data. A missing or damaged part
// becomes a note, never an error, since a report is wanted most when a run did not end well.
//
//   const Runs runs = read_runs({"runs/rotation", "runs/transfer"});
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/stats.h"

namespace espalier::report {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Of either kind of run.
struct Run {
  std::filesystem::path path;
  std::string name;    // the folder's
  std::string config;  // config.yaml as text, "" where missing
  std::vector<std::pair<std::string, std::string>> provenance;  // "machine.cpu" -> "..."
  std::vector<std::string> notes;                               // what is missing, in words
};

// One named scalar over steps; steps ascend.
struct Scalar {
  std::string name;
  std::vector<double> steps, values;
};

struct PretrainRun : Run {
  std::vector<Scalar> scalars;  // in the order of their first appearance in metrics.jsonl
  const Scalar* find(const std::string& scalar) const;
};

struct Cell {
  std::string id, mode, stage, status;
  int64_t cut = 0;               // stages kept; 0 = scratch
  int64_t labels_per_class = 0;  // 0 = all
  int64_t seed = 0;
  double accuracy = 0, loss = 0, seconds = 0;  // NaN where the cell has none
  bool done() const { return status == "done"; }
};

// Cells that differ by their seed alone.
struct Row {
  std::string mode, stage;
  int64_t cut = 0;
  int64_t labels_per_class = 0;
  Interval accuracy;
  Interval difference;  // to scratch, paired by seed; NaN for scratch itself
  double p = 1, holm_p = 1;
};

struct TransferRun : Run {
  std::vector<std::string> stages, classes;
  double chance = 0;  // NaN when unknown
  std::vector<Cell> cells;
  std::vector<Row> rows;

  std::vector<int64_t> budgets() const;    // labels per class, ascending, all (0) last
  std::vector<std::string> modes() const;  // without scratch, in the order of the rows
  int64_t last_cut() const { return static_cast<int64_t>(stages.size()); }
  int64_t holes() const;  // cells that are not done

  const Row* find(int64_t budget, const std::string& mode, int64_t cut) const;
  const Row* scratch(int64_t budget) const;  // of any mode, since cut 0 is computed once
  // The row of highest mean accuracy above cut 0 that is no control; null where there is none.
  const Row* best(int64_t budget) const;
  // Accuracy of the done cells by seed; cut 0 of any mode is scratch.
  std::map<int64_t, double> by_seed(int64_t budget, const std::string& mode, int64_t cut) const;
};

struct Runs {
  std::vector<PretrainRun> pretrain;
  std::vector<TransferRun> transfer;
};

// A path is a run folder or a folder of run folders. Throws kUsage when there is none at a path.
Runs read_runs(const std::vector<std::filesystem::path>& paths);

// A mode that starts from random weights; it is shown and compared, never "best".
bool is_control(const std::string& mode);

// Differences over the seeds that both have.
PairedDifference paired_by_seed(const std::map<int64_t, double>& a,
                                const std::map<int64_t, double>& b);

// The rows of a sweep from its cells: intervals over seeds, paired differences to scratch, Holm
// within a label budget.
std::vector<Row> summarize(const TransferRun& run);

}  // namespace espalier::report

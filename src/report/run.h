// What a report reads from run folders: no weights, no data. A missing or damaged part becomes a
// note, never an error, since a report is needed most when a run did not end well.
//
//   const Runs runs = read_runs({"runs/rotation", "runs/transfer"});
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "report/statistics.h"

namespace espalier::report {

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

struct TransferRun : Run {
  std::vector<std::string> stages, classes;
  double chance = 0;  // NaN when unknown
  std::vector<Cell> cells;
  std::vector<Row> rows;

  std::vector<int64_t> budgets() const;    // labels per class, ascending, all (0) last
  std::vector<std::string> modes() const;  // without scratch, in the order of the rows
  int64_t last_cut() const { return static_cast<int64_t>(stages.size()); }
  int64_t holes() const;    // cells that ended without a value
  int64_t waiting() const;  // cells that are planned and have no result so far

  const Row* find(int64_t budget, const std::string& mode, int64_t cut) const;
  const Row* scratch(int64_t budget) const;  // of any mode, since cut 0 is computed once
  const Row* best(int64_t budget) const { return best_row(rows, budget); }
  std::map<int64_t, double> by_seed(int64_t budget, const std::string& mode, int64_t cut) const {
    return report::by_seed(cells, budget, mode, cut);
  }
};

struct Runs {
  std::vector<PretrainRun> pretrain;
  std::vector<TransferRun> transfer;
};

// A path is a run folder or a folder of run folders. Throws kUsage when there is none at a path.
Runs read_runs(const std::vector<std::filesystem::path>& paths);

}  // namespace espalier::report

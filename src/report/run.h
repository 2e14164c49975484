// What a report reads from run folders: no weights, no data. A missing or damaged part becomes a
// note, never an error, since a report is needed most when a run did not end well.
//
//   const Runs runs = read_runs({"runs/rotation", "runs/transfer"});
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "statistics/cells.h"

namespace espalier::report {

using statistics::BySeed;
using statistics::Cell;
using statistics::kLevel;
using statistics::kUnknown;
using statistics::Line;
using statistics::Row;

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

// What an arm could be trained with, and what it was.
struct Setting {
  double lr = kUnknown;
  int64_t steps = 0;
  double validation = kUnknown;  // accuracy on held-out training images; NaN = not run
};

// Cells that differ by seed alone, as planned.
struct Arm {
  Line line;
  int64_t cut = 0, labels_per_class = 0;
  std::vector<Setting> settings;
  int64_t chosen = -1;  // of settings; -1 = not yet
};

struct Backbone {
  std::string path, task;
  int64_t seed = 0, steps = 0;
};

struct TransferRun : Run {
  std::vector<std::string> stages, classes;
  std::string labels_note;  // what label budgets are, where that is not K of each class
  double chance = kUnknown;
  int64_t test_images = 0;  // 0 = unknown
  std::vector<Backbone> backbones;
  std::vector<Arm> arms;
  std::vector<Cell> cells;
  std::vector<Row> rows;

  std::vector<int64_t> budgets() const;  // labels per class, ascending, all (0) last
  std::vector<Line> lines() const { return statistics::lines_of(rows); }
  std::string name_of(const Line& line) const { return statistics::name_of(line, lines()); }
  int64_t last_cut() const { return static_cast<int64_t>(stages.size()); }
  int64_t holes() const;    // cells that ended without a value
  int64_t waiting() const;  // cells that are planned and have no result so far

  const Row* find(int64_t budget, const Line& line, int64_t cut) const;
  const Row* scratch(int64_t budget) const;  // of any line, since cut 0 is computed once
  const Row* best(int64_t budget) const { return statistics::best_row(rows, budget); }
  BySeed by_seed(int64_t budget, const Line& line, int64_t cut) const {
    return statistics::by_seed(cells, budget, line, cut);
  }
};

struct Runs {
  std::vector<PretrainRun> pretrain;
  std::vector<TransferRun> transfer;
};

// A path is a run folder or a folder of run folders. Throws kUsage when there is none at a path.
Runs read_runs(const std::vector<std::filesystem::path>& paths);

}  // namespace espalier::report

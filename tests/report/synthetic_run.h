// Run folders as the program leaves them, made of chosen numbers: what a report is tested and
// looked at with.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/jsonl.h"
#include "core/random.h"

namespace espalier::report {

struct SyntheticMode {
  std::string name;
  std::vector<double> gains;  // over scratch, by cut from 1
  double factor = 0;
  std::string source = "ours";
  bool control = false;
};

struct SyntheticSweep {
  std::vector<std::string> stages = {"conv1", "conv2", "conv3", "dense64"};
  std::vector<SyntheticMode> modes = {{"frozen", {0.012, 0.018, -0.031, -0.148}},
                                      {"tuned", {0.008, 0.022, 0.019, 0.004}, 0.1}};
  std::vector<int64_t> budgets = {
      10};  // labels per class; scratch gains 0.08 with each further one
  int64_t seeds = 5;
  double scratch = 0.36;
  double noise = 0.003;  // of a cell; what a seed shares with scratch is three times that
};

// plan.json and cells.csv, cell by cell.
class SyntheticCells {
 public:
  explicit SyntheticCells(std::vector<std::string> stages) : stages_(std::move(stages)) {}

  // "waiting" is planned and no more.
  void add(const SyntheticMode& mode, int64_t cut, int64_t budget, int64_t seed, double accuracy,
           const std::string& status = "done", bool stuck = false) {
    const Json arm = {{"source", cut > 0 ? mode.source : ""},
                      {"mode", mode.name},
                      {"kept_lr_factor", mode.factor},
                      {"head", "suffix"},
                      {"cut", cut},
                      {"labels_per_class", budget},
                      {"control", mode.control},
                      {"settings", {{{"lr", 0.1}, {"steps", 400}}}},
                      {"validation", {nullptr}},
                      {"chosen", 0}};
    const auto at = std::find(arms_.begin(), arms_.end(), arm) - arms_.begin();
    if (at == static_cast<int64_t>(arms_.size())) arms_.push_back(arm);
    const std::string id = fmt::format("{}-{}-{}-{}", at, cut, budget, seed);
    cells_.push_back({{"id", id}, {"arm", at}, {"seed", seed}, {"backbone", 0}});
    if (status == "waiting") return;
    csv_ += fmt::format("{},{},1.2,{:.2f},{},{}\n", id,
                        status == "done" ? fmt::format("{}", accuracy) : "",
                        10.0 + static_cast<double>(cut), status, stuck ? 1 : 0);
  }

  void write(const std::filesystem::path& run) const {
    make_directories(run);
    const Json plan = {{"schema", 2},
                       {"stages", stages_},
                       {"classes",
                        {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse",
                         "ship", "truck"}},
                       {"chance", 0.1},
                       {"test_images", 10000},
                       {"arms", arms_},
                       {"cells", cells_}};
    write_file(run / "plan.json", plan.dump(2));
    write_file(run / "cells.csv", csv_);
  }

 private:
  std::vector<std::string> stages_;
  Json arms_ = Json::array(), cells_ = Json::array();
  std::string csv_ = "id,accuracy,loss,seconds,status,stuck\n";
};

inline SyntheticCells synthetic_cells(const SyntheticSweep& sweep) {
  SyntheticCells cells(sweep.stages);
  double scratch = sweep.scratch;
  for (const int64_t budget : sweep.budgets) {
    for (int64_t seed = 0; seed < sweep.seeds; ++seed) {
      const auto key = static_cast<uint64_t>(seed);
      const auto size = static_cast<uint64_t>(budget);
      const double base = scratch + 3 * sweep.noise * Draw(1, "seed", {size, key}).normal();
      cells.add({"scratch", {}}, 0, budget, seed, base);
      for (const SyntheticMode& mode : sweep.modes)
        for (size_t cut = 1; cut <= mode.gains.size(); ++cut)
          cells.add(mode, static_cast<int64_t>(cut), budget, seed,
                    base + mode.gains[cut - 1] +
                        sweep.noise * Draw(1, mode.name, {size, key, cut}).normal());
    }
    scratch += 0.08;
  }
  return cells;
}

inline void write_provenance(const std::filesystem::path& run) {
  const Json provenance = {
      {"version", "0.1.0"},
      {"commit", "8c5115d"},
      {"compiler", "clang 14.0.6"},
      {"libtorch", "2.14.1"},
      {"machine", {{"cpu", "Example CPU 9000"}, {"cores", 8}}},
      {"ranks", 2},
      {"lanes", 8},
      {"mode", "exact"},
      {"command", "espalier transfer configs/quick.yaml --backbone runs/rotation"},
      {"started", "2025-11-24T19:40:12Z"},
      {"seconds", 512.3},
      {"data_hash", "9f86d081884c7d65"},
      {"config_hash", "60303ae22b998861"}};
  write_file(run / "provenance.json", provenance.dump(2));
}

inline void write_sweep(const std::filesystem::path& run, const SyntheticCells& cells) {
  cells.write(run);
  write_file(run / "config.yaml", "transfer:\n  seeds: 5\n");
  write_provenance(run);
}

inline void write_transfer_run(const std::filesystem::path& run, const SyntheticSweep& sweep) {
  write_sweep(run, synthetic_cells(sweep));
}

inline void write_pretrain_run(const std::filesystem::path& run, int64_t steps) {
  make_directories(run);
  write_file(run / "config.yaml", "task:\n  name: rotation\noptim:\n  lr: 0.1\n");
  write_file(run / "backbone.json", "{\"stages\":[\"conv1\",\"conv2\"]}");
  write_provenance(run);
  JsonlWriter metrics(run / "metrics.jsonl");
  for (int64_t step = 10; step <= steps; step += 10) {
    const double t = static_cast<double>(step) / static_cast<double>(steps);
    Draw draw(2, "metrics", {static_cast<uint64_t>(step)});
    Json row = {{"step", step},
                {"epoch", 20 * t},
                {"loss", 0.55 + 0.85 * std::exp(-4 * t) + 0.05 * draw.normal()},
                {"lr", 0.1 * (1 - t)},
                {"samples_per_second", 5200 + 80 * draw.normal()},
                {"data_wait", 0.012},
                {"comm_exposed", 0.034},
                {"accuracy", 0.78 - 0.5 * std::exp(-5 * t) + 0.02 * draw.normal()}};
    if (step % 500 == 0) row["knn_accuracy"] = 0.45 - 0.2 * std::exp(-4 * t);
    metrics.write(row);
  }
}

}  // namespace espalier::report

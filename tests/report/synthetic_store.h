// A whole sweep as the program leaves it, large and with everything that a report can show: several
// backbones, sources, factors, budgets and controls, settings to choose from, the store of cells
// with curves and predictions, and some cells without a result.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/jsonl.h"
#include "core/random.h"
#include "report/synthetic_run.h"

namespace espalier::report {

struct SyntheticStore {
  std::vector<std::string> stages = {"conv1", "conv2", "conv3", "dense64"};
  std::vector<SyntheticMode> modes = {
      {"frozen", {0.03, 0.05, 0.01, -0.06}},
      {"tuned", {0.02, 0.05, 0.06, 0.05}, 0.1},
      {"tuned", {0.015, 0.04, 0.05, 0.035}, 0.3},
      {"tuned", {0.01, 0.03, 0.03, 0.02}, 1},
      {"linear", {-0.05, 0.01, 0.0, -0.05}},
      {"frozen", {0.035, 0.07, 0.07, 0.03}, 0, "public"},
      {"tuned", {0.03, 0.07, 0.09, 0.08}, 0.1, "public"},
      {"random_frozen", {-0.02, -0.07, -0.13, -0.2}, 0, "", true},
      {"mean_var", {0.005, 0.01, 0.008, 0.01}, 0.1, "ours", true},
      {"selffer_frozen", {0.0, -0.015, -0.03, -0.005}, 0, "", true},
      {"selffer_tuned", {0.003, 0.004, 0.002, 0.001}, 0.1, "", true}};
  std::vector<int64_t> budgets = {1, 10, 100, 0};
  int64_t backbones = 1, seeds_per_backbone = 3;
  int64_t test_images = 500, classes = 10;
  double strength = 1;  // of the backbones: all gains times this
};

namespace synthetic {

// Without fsync, since there are thousands of them.
inline void write_quickly(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

inline double scratch_accuracy(int64_t budget) {
  return budget == 0 ? 0.71 : 0.2 + 0.17 * std::log10(static_cast<double>(budget) + 0.5);
}

// Gains shrink where labels abound.
inline double budget_share(int64_t budget) {
  return budget == 0 ? 0.15 : 1.2 / (1 + 0.5 * std::log10(static_cast<double>(budget)));
}

inline std::string curve(double accuracy, int64_t steps, Draw& draw) {
  std::string text = "step,loss,accuracy,lr,validation_loss,validation_accuracy\n";
  for (int64_t row = 1; row <= 20; ++row) {
    const double t = static_cast<double>(row) / 20, rise = 1 - std::exp(-4 * t);
    text += fmt::format("{},{:.4f},{:.4f},{:.4f},", row * steps / 20,
                        2.3 - 1.9 * rise + 0.04 * draw.normal(), 0.1 + 0.85 * rise, 0.1 * (1 - t));
    text += row % 5 == 0 ? fmt::format("{:.4f},{:.4f}\n", 2.3 - 1.6 * rise * accuracy,
                                       accuracy * rise + 0.01 * draw.normal())
                         : ",\n";
  }
  return text;
}

inline std::string predictions(const std::string& labels, int64_t classes, double accuracy,
                               Draw& draw) {
  std::string bytes = labels;
  for (char& byte : bytes)
    // A mistake is often the class beside.
    if (draw.uniform() > accuracy)
      byte = static_cast<char>((byte + (draw.uniform() < 0.5 ? 1 : 2 + draw.uniform() * 7)));
  for (char& byte : bytes) byte = static_cast<char>(byte % classes);
  return bytes;
}

}  // namespace synthetic

class SyntheticStoreWriter {
 public:
  SyntheticStoreWriter(std::filesystem::path run, const SyntheticStore& store)
      : run_(std::move(run)), store_(store) {
    for (int64_t i = 0; i < store.test_images; ++i) labels_ += static_cast<char>(i % store.classes);
  }

  void write() {
    for (const int64_t budget : store_.budgets) {
      add_arm({"scratch", {}, 0, ""}, 0, budget);
      for (const SyntheticMode& mode : store_.modes)
        for (size_t cut = 1; cut <= mode.gains.size(); ++cut)
          add_arm(mode, static_cast<int64_t>(cut), budget);
    }
    Json backbones = Json::array();
    for (int64_t b = 0; b < store_.backbones; ++b)
      backbones.push_back({{"path", fmt::format("runs/rotation-{}", b)},
                           {"sha256", fmt::format("{:064x}", b)},
                           {"seed", b},
                           {"steps", 20000},
                           {"task", "rotation"}});
    const Json plan = {{"schema", 2},
                       {"stages", store_.stages},
                       {"classes", class_names()},
                       {"chance", 0.1},
                       {"test_images", store_.test_images},
                       {"backbones", backbones},
                       {"arms", arms_},
                       {"cells", cells_}};
    synthetic::write_quickly(run_ / "plan.json", plan.dump());
    synthetic::write_quickly(run_ / "test_labels.bin", labels_);
    synthetic::write_quickly(run_ / "config.yaml", "transfer:\n  seeds: 3\n");
    write_provenance(run_);
  }

 private:
  std::vector<std::string> class_names() const {
    std::vector<std::string> names = {"airplane", "automobile", "bird",  "cat",  "deer",
                                      "dog",      "frog",       "horse", "ship", "truck"};
    for (int64_t i = 10; i < store_.classes; ++i) names.push_back(fmt::format("class {}", i));
    return names;
  }

  void add_arm(const SyntheticMode& mode, int64_t cut, int64_t budget) {
    const auto at = static_cast<uint64_t>(arms_.size());
    const double gain = cut == 0 ? 0
                                 : mode.gains[static_cast<size_t>(cut - 1)] *
                                       synthetic::budget_share(budget) * store_.strength;
    const double mean = synthetic::scratch_accuracy(budget) + gain;
    const bool tunes = budget != 1 && mode.name != "linear";
    Json settings = Json::array(), validation = Json::array();
    for (const double lr : {0.03, 0.1})
      for (const int64_t steps : {400, 1200}) {
        if (mode.name == "linear" && !settings.empty()) continue;
        settings.push_back({{"lr", lr}, {"steps", steps}});
        const double noise = 0.01 * Draw(4, "tuning", {at, settings.size()}).normal();
        validation.push_back(tunes ? Json(mean + noise) : Json(nullptr));
      }
    size_t chosen = tunes ? 0 : settings.size() / 2;
    for (size_t i = 1; tunes && i < settings.size(); ++i)
      if (validation[i] > validation[chosen]) chosen = i;
    arms_.push_back({{"source", mode.source},
                     {"mode", mode.name},
                     {"kept_lr_factor", mode.factor},
                     {"head", "suffix"},
                     {"cut", cut},
                     {"labels_per_class", budget},
                     {"control", mode.control},
                     {"settings", settings},
                     {"validation", validation},
                     {"chosen", chosen}});
    if (tunes) write_cell(fmt::format("t{:06x}", at), "tuning", 0.3, 800, 5, 9);
    for (int64_t seed = 0; seed < store_.backbones * store_.seeds_per_backbone; ++seed)
      add_cell(mode, cut, budget, seed, mean, settings[chosen]["steps"].get<int64_t>());
  }

  void add_cell(const SyntheticMode& mode, int64_t cut, int64_t budget, int64_t seed, double mean,
                int64_t steps) {
    const auto s = static_cast<uint64_t>(seed), b = static_cast<uint64_t>(budget);
    const auto arm = static_cast<int64_t>(arms_.size()) - 1;
    const auto a = static_cast<uint64_t>(arm);
    const int64_t backbone = seed / store_.seeds_per_backbone;
    double accuracy = mean + 0.012 * Draw(1, "subset", {s, b}).normal() +
                      0.004 * Draw(2, "cell", {a, s}).normal();
    if (cut > 0 && !mode.control)
      accuracy += 0.006 * Draw(3, "backbone", {static_cast<uint64_t>(backbone)}).normal();
    const std::string id = fmt::format("{:04x}{:04x}", arm, seed);
    cells_.push_back({{"id", id}, {"arm", arm}, {"seed", seed}, {"backbone", backbone}});
    const uint64_t fate = Draw(5, "fate", {a, s}).u64() % 97;
    if (fate == 0) return;  // has not been computed
    write_cell(id, fate == 1 ? "diverged" : "test", std::max(accuracy, 0.1), steps, a, s);
  }

  void write_cell(const std::string& id, const std::string& what, double accuracy, int64_t steps,
                  uint64_t a, uint64_t s) {
    const auto folder = run_ / "cells" / id;
    Draw draw(6, "files", {a, s});
    Json result = {{"accuracy", accuracy},
                   {"loss", 2.3 * (1 - accuracy)},
                   {"seconds", 0.01 * static_cast<double>(steps) * (1 + 0.2 * draw.uniform())},
                   {"status", what == "diverged" ? what : "done"},
                   {"stuck", accuracy < 0.12}};
    if (what != "test") result["accuracy"] = nullptr;
    synthetic::write_quickly(folder / "result.json", result.dump());
    synthetic::write_quickly(folder / "spec.json",
                             Json{{"purpose", what == "tuning" ? what : "test"}}.dump());
    if (what != "test") return;
    synthetic::write_quickly(folder / "curve.csv", synthetic::curve(accuracy, steps, draw));
    synthetic::write_quickly(folder / "predictions.bin",
                             synthetic::predictions(labels_, store_.classes, accuracy, draw));
  }

  std::filesystem::path run_;
  const SyntheticStore& store_;
  std::string labels_;
  Json arms_ = Json::array(), cells_ = Json::array();
};

inline void write_store(const std::filesystem::path& run, const SyntheticStore& store) {
  SyntheticStoreWriter(run, store).write();
}

}  // namespace espalier::report

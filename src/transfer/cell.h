// One run of a sweep: a network cut after `cut` stages, trained on a few labels, tested once.
//
// What the stages begin with and which of them learn is the mode's plan; what stands on the cut is
// the head's. All arms of one (labels per class, seed) have the same images, the same order and the
// same fresh weights, so their differences are paired. Rate and steps are chosen before, by cells
// that train on a part of the same training images and are scored on the others; the test set is
// read once, at the end. The step is that of pretraining (LaneEngine, one lane). Yosinski et al.
// 2014, section 3, with labels per class and seeds added; their networks are scored by the best of
// many test readings, these by the last.
#pragma once

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "transfer/setting.h"

namespace espalier::transfer {

struct Cell {
  Arm arm;
  int64_t seed = 0;  // 0 .. Setting::seed_count() - 1
  Hyperparameters setting = {};
  std::optional<int64_t> fold = {};  // of a cell that tunes: the part it is scored on
  bool base = false;                 // of a cell whose weights others begin with (Weights::kSelf)
};

// How many stages of the backbone the arm's network has.
int64_t depth_of(const Arm& arm, int64_t stages);

// Keys whatever a cell draws: subset, order and fresh weights, for all arms alike. Far from the
// small seeds of pretraining, whose initial weights must not come back here.
uint64_t cell_key(const Setting& setting, const Cell& cell);

// The cell whose weights `cell` begins with: the same images, order, rate and steps, other fresh
// weights.
Cell base_of(const Cell& cell);

// What decides a cell's result, with sorted keys: neither paths nor threads, and nothing that it
// does not use, so that equal runs of two arms are one. The first 16 digits of its SHA-256 are the
// cell's id.
nlohmann::json spec_of(const Setting& setting, const Cell& cell);
std::string id_of(const nlohmann::json& spec);

enum class Status { kDone, kDiverged };  // a loss or gradient that is not finite ended it
constexpr auto names_of(Status) {
  using enum Status;
  return names<Status>({{kDone, "done"}, {kDiverged, "diverged"}});
}

inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct CellResult {
  double accuracy = kNone, loss = kNone;  // on the test set; NaN where diverged or tuning
  double validation_accuracy = kNone;     // on the held-out training images of a cell that tunes
  double probe_strength = kNone;          // of a probe: the one chosen
  double seconds = 0;
  int64_t steps = 0;  // completed
  Status status = Status::kDone;
  bool stuck = false;       // accuracy within 3 binomial standard deviations of chance
  std::string kept_sha256;  // of the kept stages at the end, parameters and buffers
};

struct CellOutput {
  CellResult result;
  std::string curve;                 // CSV: means between rows, validation at each quarter
  std::vector<int64_t> predictions;  // class of each test image; empty where it was not read
};

// Of a base cell: parameters and buffers of its backbone at the end.
using BaseWeights = std::function<tensor::TensorMap(const Cell& base)>;

struct CellHooks {
  std::function<void()> at_step = {};  // called after every step
  BaseWeights base_weights = {};       // by default the base is computed where it is needed
};

// Computes with the threads of the caller, from any number of threads at once. kBug when a stage
// that rests changed.
CellOutput run_cell(const Setting& setting, const Cell& cell, const CellHooks& hooks = {});

// The same, with the trained network; of an arm that is no probe.
struct TrainedCell {
  CellOutput output;
  engine::Network network;
};
TrainedCell train_cell(const Setting& setting, const Cell& cell, const CellHooks& hooks = {});

}  // namespace espalier::transfer

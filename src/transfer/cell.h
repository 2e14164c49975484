// One run of a sweep: a network cut after `cut` stages, trained on a few labels, tested once.
//
// Stages [0, cut) come from the backbone file; the others and a linear classifier are fresh, drawn
// by (seed, name). All modes of one (labels per class, seed) have the same images, the same order
// and the same fresh weights, so their differences are paired. Nothing is chosen by what is
// measured: the number of steps is fixed, and the test set is read once, at the end. The step is
// that of pretraining (LaneEngine, one lane). Yosinski et al. 2014, section 3, with labels a class
// and seeds added; their networks are scored by the best of many test readings, these by the last.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "transfer/setting.h"

namespace espalier::transfer {

struct Cell {
  std::optional<Mode> mode;      // none is scratch, which keeps no stage
  int64_t cut = 0;               // stages kept
  int64_t labels_per_class = 0;  // 0 = all
  int64_t seed = 0;              // 0 .. seeds-1

  std::string mode_name() const { return mode ? name_of(*mode) : "scratch"; }
};

// Every cell of a sweep; those that are compared stand together.
std::vector<Cell> cells_of(const TransferConfig& config);

// What decides a cell's result, with sorted keys: neither paths nor threads, and nothing that its
// mode does not use. The first 16 digits of its SHA-256 are the cell's id.
nlohmann::json spec_of(const Setting& setting, const Cell& cell);
std::string id_of(const nlohmann::json& spec);

enum class Status { kDone, kDiverged };  // a loss or gradient that is not finite ended it
constexpr auto names_of(Status) {
  using enum Status;
  return names<Status>({{kDone, "done"}, {kDiverged, "diverged"}});
}

struct CellResult {
  double accuracy = 0, loss = 0;  // on the test set; NaN where diverged
  double seconds = 0;
  int64_t steps = 0;
  Status status = Status::kDone;
  bool stuck = false;       // accuracy within 3 binomial standard deviations of chance
  std::string kept_sha256;  // of the kept stages at the end, parameters and buffers
};

struct CellOutput {
  CellResult result;
  std::string curve;                 // CSV: means between rows, validation at each quarter
  std::vector<int64_t> predictions;  // class of each test image; empty where diverged
};

// Computes with the threads of the caller, from any number of threads at once. `at_step` is called
// after every step. kBug when a frozen stage changed.
CellOutput run_cell(const Setting& setting, const Cell& cell,
                    const std::function<void()>& at_step = {});

}  // namespace espalier::transfer

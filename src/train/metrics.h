// What a run says of itself while it trains: a row of metrics.jsonl every log_steps steps, with
// means since the last row, the same for TensorBoard, and the progress line.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/event_file.h"
#include "core/jsonl.h"
#include "engine/lane_engine.h"
#include "engine/run_folder.h"
#include "train/hook.h"

namespace espalier::train {

struct StepFacts {
  int64_t step = 0;
  double epoch = 0;
  double lr = 0;
  double waited_seconds = 0;  // for data, since the run's start
  double hook_seconds = 0;    // of this step; no part of the training rate
  Scalars state = {};         // what a row shows as it is after its last step
};

// Local; on ranks other than 0 it writes nothing.
class MetricsLog {
 public:
  // `begin` = steps that are completed.
  MetricsLog(const engine::RunFolder& folder, bool leader, int64_t batch, int64_t log_steps,
             int64_t begin);

  // Time and waits are counted from here.
  void start(double waited_seconds);

  // A row for step 0: what hooks measured on the untrained network.
  void add_before_training(const Scalars& measured);

  // Adds a step; writes a row when one is due, at the run's `last` step, and where hooks `measured`
  // something.
  void add(const StepFacts& facts, const engine::StepSums& sums, const Scalars& measured,
           bool last);

  double mean_loss() const { return loss_ / static_cast<double>(steps_); }  // since the last row
  void sync();

 private:
  struct Mean {
    explicit Mean(std::string of) : name(std::move(of)) {}
    std::string name;
    double sum = 0, count = 0;
  };

  void write(const StepFacts& facts, const Scalars& measured);
  void write(const Json& row);

  int64_t batch_, log_steps_;
  std::unique_ptr<JsonlWriter> writer_;
  std::unique_ptr<EventFile> events_;
  Stopwatch watch_;
  int64_t steps_ = 0;
  double loss_ = 0, comm_seconds_ = 0, hook_seconds_ = 0, waited_before_ = 0;
  std::vector<Mean> metrics_;
};

}  // namespace espalier::train

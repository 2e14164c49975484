// The loop: batch -> gradient -> decision -> optimizer -> the task's own step. Pretraining and a
// cell of a sweep run it; what surrounds their steps is theirs (StepWatcher).
#pragma once

#include <exception>
#include <functional>
#include <set>
#include <string>

#include "data/batch_source.h"
#include "engine/lane_engine.h"
#include "optim/optimizer.h"
#include "sync/step_status.h"

namespace espalier::engine {

// Steps are counted from 1 here: the step that makes the count of completed steps `step`.
class StepWatcher {
 public:
  virtual ~StepWatcher() = default;

  // The step's batch, before it goes anywhere.
  virtual void loaded(int64_t step, image::Batch& batch);
  virtual void before(int64_t step);
  // What each sample's loss is multiplied with for the step's backward; alone, 1.
  virtual double loss_factor() const;
  // What all ranks do about the step. `next_error` says why there is no batch for the next one.
  // Alone, a step that is not finite is skipped and a missing batch is thrown.
  virtual sync::StepDecision decide(int64_t step, const StepSums& sums,
                                    const std::exception_ptr& next_error);
  // After the weights have moved, or the step was skipped. `sums` has the task's own scalars and
  // the gradient's norm, where it is clipped, among its metrics. False ends the loop.
  virtual bool completed(int64_t step, const StepSums& sums,
                         const sync::StepDecision& decision) = 0;
};

struct LoopOptions {
  int64_t first = 0, last = 0;  // steps completed before, and at the end
  int64_t total = 0;            // length of the run
  uint64_t seed = 0;
  std::function<optim::Rates(int64_t step)> rates;  // of the step after `step` completed ones
  double clip_norm = 0;                             // of the gradient; 0 = not clipped
  // Parameters that rest during the first `warmup` steps of the run.
  int64_t warmup = 0;
  std::set<std::string> late = {};
};

// Names of parameters that the task lets rest in this step.
std::set<std::string> resting(const LaneEngine& engine, const pretext::Step& step);

// Collective. `batch` is the first step's.
void run_steps(LaneEngine& engine, optim::Optimizer& optimizer, data::BatchSource& source,
               image::Batch batch, const LoopOptions& options, StepWatcher& watcher);

}  // namespace espalier::engine

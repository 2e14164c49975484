#include "engine/training_loop.h"

#include <torch/torch.h>

#include "optim/clip.h"

namespace espalier::engine {

std::set<std::string> resting(const LaneEngine& engine, const pretext::Step& step) {
  std::set<std::string> names;
  const std::string of_task = "task.", of_backbone = "backbone.";
  for (const auto& [name, tensor] : engine.parameters()) {
    const bool trains = name.starts_with(of_task)
                            ? engine.task().trains(name.substr(of_task.size()), step)
                            : engine.task().trains_backbone(name.substr(of_backbone.size()), step);
    if (!trains) names.insert(name);
  }
  return names;
}

void StepWatcher::loaded(int64_t, image::Batch&) {}
void StepWatcher::before(int64_t) {}
double StepWatcher::loss_factor() const { return 1; }

sync::StepDecision StepWatcher::decide(int64_t, const StepSums& sums,
                                       const std::exception_ptr& next_error) {
  if (next_error) std::rethrow_exception(next_error);
  return {.skip = !sums.finite};
}

void run_steps(LaneEngine& engine, optim::Optimizer& optimizer, data::BatchSource& source,
               image::Batch batch, const LoopOptions& options, StepWatcher& watcher) {
  bool goes_on = true;
  if (options.first < options.last) watcher.loaded(options.first + 1, batch);
  for (int64_t done = options.first; done < options.last && goes_on; ++done) {
    const pretext::Step step{done, options.total, options.seed};
    watcher.before(done + 1);
    std::exception_ptr next_error;
    const auto load_next = [&] {
      source.recycle(std::move(batch));
      try {
        if (done + 1 == options.last) return;
        batch = source.next();
        watcher.loaded(done + 2, batch);
        engine.stage(batch);
      } catch (...) {
        next_error = std::current_exception();
      }
    };
    StepSums sums = engine.step(batch, step,
                                {.gradient_norm = options.clip_norm > 0,
                                 .loss_factor = watcher.loss_factor(),
                                 .meanwhile = load_next});
    const sync::StepDecision decision = watcher.decide(done + 1, sums, next_error);
    if (!decision.skip) {
      engine.adopt_statistics();
      if (options.clip_norm > 0) {
        sums.metrics.emplace_back("gradient_norm", sums.gradient_norm);
        optim::clip(engine.gradients(), sums.gradient_norm, options.clip_norm);
      }
      std::set<std::string> still = resting(engine, step);
      if (done < options.warmup) still.insert(options.late.begin(), options.late.end());
      optimizer.step(options.rates(done), still);
      for (auto& scalar : engine.after_step(step)) sums.metrics.push_back(std::move(scalar));
    }
    goes_on = watcher.completed(done + 1, sums, decision);
  }
}

}  // namespace espalier::engine

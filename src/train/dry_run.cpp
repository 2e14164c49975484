// A run that stops before it begins: what it would take.
#include "comm/agree.h"
#include "core/log.h"
#include "core/memory.h"
#include "engine/provenance.h"
#include "train/trainer.h"

namespace espalier::train {

// The first step is slower than the others: it allocates, and oneDNN makes its kernels.
DryRun Trainer::dry_run() {
  const int64_t steps = std::min<int64_t>(2, steps_);
  comm::agree(control_, [&] { start_loader(); });
  double seconds = 0;
  for (int64_t step = 0; step < steps; ++step) {
    image::Batch batch;
    comm::agree(control_, [&] { batch = loader_->next(); });
    const Stopwatch watch;
    const engine::StepSums sums =
        run_->engine().step(batch, {step, steps_, static_cast<uint64_t>(config_.seed)});
    if (!sums.finite && leader_)
      log::warning("pretrain", "the untrained network has loss {} or a gradient that is not finite",
                   sums.loss);
    seconds = watch.seconds();
    loader_->recycle(std::move(batch));
  }
  const double wait = loader_->wait_seconds() / static_cast<double>(steps);
  loader_.reset();
  std::vector<double> own = {seconds, wait, static_cast<double>(peak_memory())};
  std::vector<double> all(own.size() * static_cast<size_t>(control_.size()));
  control_.all_gather(own.data(), all.data(), static_cast<int64_t>(own.size()), comm::DataType::f64)
      .wait();
  for (size_t i = 0; i < all.size(); ++i)
    own[i % own.size()] = std::max(own[i % own.size()], all[i]);
  return {.parameters = engine::parameter_count(run_->network()),
          .samples = facts_.samples,
          .steps = steps_,
          .step_seconds = own[0],
          .wait_seconds = own[1],
          .memory = static_cast<int64_t>(own[2])};
}

}  // namespace espalier::train

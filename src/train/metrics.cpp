#include "train/metrics.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/log.h"
#include "engine/lane_engine.h"
#include "engine/provenance.h"

namespace espalier::train {

MetricsLog::MetricsLog(const engine::RunFolder& folder, bool leader, int64_t batch,
                       int64_t log_steps, int64_t begin)
    : batch_(batch), log_steps_(log_steps) {
  if (!leader) return;
  writer_ = std::make_unique<JsonlWriter>(folder.metrics());
  // The row of step 0 is written anew where nothing is completed.
  events_ = std::make_unique<EventFile>(folder.path, begin > 0 ? begin + 1 : 0);
}

void MetricsLog::start(double waited_seconds) {
  watch_ = {};
  steps_ = 0;
  loss_ = comm_seconds_ = hook_seconds_ = 0;
  metrics_.clear();
  waited_before_ = waited_seconds;
}

void MetricsLog::add_before_training(const Scalars& measured) {
  if (!writer_ || measured.empty()) return;
  Json row = {{"step", 0}, {"epoch", 0.0}};
  for (const auto& [name, value] : measured) row[name] = value;
  write(row);
  log::info("pretrain", "before the first step: {}", engine::scalars_text(measured));
}

void MetricsLog::add(const StepFacts& facts, const engine::StepSums& sums, const Scalars& measured,
                     bool last) {
  ++steps_;
  loss_ += sums.loss;
  comm_seconds_ += sums.comm_seconds;
  hook_seconds_ += facts.hook_seconds;
  for (const auto& [name, value] : sums.metrics) {  // a skipped step has fewer of them
    const auto found = std::ranges::find(metrics_, name, &Mean::name);
    Mean& mean = found == metrics_.end() ? metrics_.emplace_back(name) : *found;
    mean.sum += value;
    mean.count += 1;
  }
  if (facts.step % log_steps_ != 0 && !last && measured.empty()) return;
  if (writer_) write(facts, measured);
  start(facts.waited_seconds);
}

void MetricsLog::write(const StepFacts& facts, const Scalars& measured) {
  const double steps = static_cast<double>(steps_), seconds = watch_.seconds() - hook_seconds_;
  Json row = {{"step", facts.step},
              {"epoch", facts.epoch},
              {"loss", mean_loss()},
              {"lr", facts.lr},
              {"samples_per_second", steps * static_cast<double>(batch_) / seconds},
              {"data_wait", (facts.waited_seconds - waited_before_) / seconds},
              {"comm_exposed", comm_seconds_ / seconds}};
  for (const Mean& mean : metrics_) row[mean.name] = mean.sum / mean.count;
  for (const auto& [name, value] : facts.state) row[name] = value;
  for (const auto& [name, value] : measured) row[name] = value;
  write(row);
  if (!measured.empty())
    log::info("pretrain", "epoch {:.2f}: loss {:.4f}, {}", facts.epoch, mean_loss(),
              engine::scalars_text(measured));
}

void MetricsLog::write(const Json& row) {
  writer_->write(row);
  Scalars scalars;
  for (const auto& [name, value] : row.items())
    if (name != "step") scalars.emplace_back(name, value.get<double>());
  events_->write(row["step"].get<int64_t>(), scalars);
}

void MetricsLog::sync() {
  if (!writer_) return;
  writer_->sync();
  events_->sync();
}

}  // namespace espalier::train

#include "train/run_engine.h"

#include <torch/torch.h>

#include "comm/world.h"
#include "core/cores.h"
#include "engine/device.h"
#include "engine/parameter_groups.h"
#include "train/network_check.h"

namespace espalier::train {
namespace {

engine::EngineOptions options_of(const RunConfig& config, const RunPlace& place) {
  engine::EngineOptions options;
  if (place.device.is_cpu())
    options.workers = std::max<int64_t>(1, core_share().cores / config.parallel.lane_threads);
  options.lane_threads = config.parallel.lane_threads;
  options.exact = config.parallel.mode == sync::Mode::kExact;
  options.shared_statistics = config.model.norm_sync == model::NormSync::kGlobal;
  options.precision = place.precision;
  options.device = place.device;
  options.gpu = engine::gpu_of(place.device);
  if (config.parallel.wire == sync::Wire::kBf16) options.wire = at::kBFloat16;
  if (config.parallel.wire == sync::Wire::kFp16) options.wire = at::kHalf;
  return options;
}

}  // namespace

RunEngine::RunEngine(const RunConfig& config, const engine::DataFacts& facts,
                     const RunPlace& place) {
  torch::set_num_threads(static_cast<int>(config.parallel.lane_threads));
  const engine::EngineOptions options = options_of(config, place);
  const auto make = [&config, facts] { return config.make_network(facts); };
  network_ = make();
  const int64_t lanes = place.plan.lanes(), lane_batch = config.data.batch / lanes;
  const Share share{sync::GradientSum::buffers_of(place.plan, options.workers, options.exact),
                    lane_batch, comm::local_size()};
  try_out(config, network_, facts, place.device.is_cpu() ? share : Share{});
  network_.initialise(config.model.init, static_cast<uint64_t>(config.seed));
  network_.to(tensor::weight_type(place.precision), place.device);
  network_.train(true);
  check(
      lane_batch >= 2 || options.shared_statistics || network_.running_statistics().empty(),
      Kind::kUsage,
      "a lane has {} sample, batch normalisation needs 2 (try: data.batch={} or model.norm=group)",
      lane_batch, 2 * lanes);
  engine_ = std::make_unique<engine::LaneEngine>(network_, make, place.plan, place.control,
                                                 place.data, options);
  optimizer_ = config.optim.make_optimizer(config.document);
  optimizer_->start(
      engine::parameter_groups(engine_->parameters(), engine_->gradients(), *network_.backbone,
                               {.count = network_.backbone->stage_count()}, config.optim));
}

}  // namespace espalier::train

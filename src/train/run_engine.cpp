#include "train/run_engine.h"

#include <torch/torch.h>

#include "comm/world.h"
#include "core/cores.h"
#include "core/log.h"
#include "engine/device.h"
#include "engine/given_task.h"
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
  give_weights(config, facts);
  network_.to(tensor::weight_type(place.precision), place.device);
  network_.train(true);
  check(
      lane_batch >= 2 || options.shared_statistics || network_.running_statistics().empty(),
      Kind::kUsage,
      "a lane has {} sample, batch normalisation needs 2 (try: data.batch={} or model.norm=group)",
      lane_batch, 2 * lanes);
  engine_ = std::make_unique<engine::LaneEngine>(network_, make, place.plan, place.control,
                                                 place.data, options);
  start_optimizer(config);
}

// The task begins once more from what the backbone has now: a teacher is its copy. Then what the
// parent's own task had is taken over, if all of its backbone is.
void RunEngine::give_weights(const RunConfig& config, const engine::DataFacts& facts) {
  config.document.fill("model", weights_.fields());
  if (weights_.weights.empty()) return;
  const engine::GivenWeights given = engine::GivenWeights::open(weights_.weights);
  for (const std::string& name :
       given.give(*network_.backbone, facts.input, weights_.weights_stages))
    given_.insert("backbone." + name);
  parent_ = given.parent;
  engine::compare_normalisation(parent_, config.augment.mean, config.augment.std);
  log::info("weights", "{} parameters of the backbone begin with {}", given_.size(), parent_.path);
  const torch::NoGradGuard no_grad;
  network_.task->weights_drawn(*network_.backbone);
  if (weights_.weights_stages == 0 && engine::give_task(given, network_, config.task, facts.hash))
    parent_.task = config.task;
}

std::vector<engine::Parent> RunEngine::teachers() const {
  std::vector<engine::Parent> all;
  for (const auto& [source, teacher] : *network_.teachers) all.push_back(teacher);
  return all;
}

void RunEngine::start_optimizer(const RunConfig& config) {
  std::set<std::string> constant;
  const std::string prefix = "task.";
  for (const auto& [name, tensor] : engine_->parameters())
    if (name.starts_with(prefix) && network_.task->has_constant_rate(name.substr(prefix.size())))
      constant.insert(name);
  optimizer_ = config.optim.make_optimizer(config.document);
  optimizer_->start(engine::parameter_groups(engine_->parameters(), engine_->gradients(),
                                             *network_.backbone,
                                             {.count = network_.backbone->stage_count(),
                                              .lr_factor = weights_.weights_lr_factor,
                                              .slower = given_,
                                              .constant = std::move(constant)},
                                             config.optim));
}

}  // namespace espalier::train

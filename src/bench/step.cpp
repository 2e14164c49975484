// bench step CONFIG [key=value ...]: a training step of that configuration, taken apart. The floor
// is LibTorch alone: one forward and backward pass over a rank's samples, without lanes, exchange
// and optimizer.
//
// One batch of noise of shape `input` stays in memory: what loading costs is told by bench augment
// and, in a run, by data_wait. Times are the median over rounds of the rank that took longest.
#include <torch/torch.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/benchmark.h"
#include "core/clock.h"
#include "core/random.h"
#include "engine/device.h"
#include "engine/training_loop.h"
#include "tensor/convert.h"
#include "train/run_engine.h"

namespace espalier::bench {
namespace {

// Seconds of a step, or its parts.
struct Times {
  double step = 0, exposed = 0, optimizer = 0, floor = 0;
};

image::Batch noise(const engine::DataFacts& facts, int64_t samples) {
  image::Batch batch;
  Draw draw(1, "bench.step");
  for (const image::ViewShape& view : facts.views) {
    image::Slab& slab = batch.views.emplace_back();
    slab.format = {.shape = view};
    slab.bytes.resize(static_cast<size_t>(slab.format.bytes() * samples));
    auto* values = reinterpret_cast<float*>(slab.bytes.data());
    for (int64_t i = 0; i < samples * view.values(); ++i)
      values[i] = static_cast<float>(draw.uniform(-1, 1));
  }
  for (int64_t i = 0; i < samples; ++i) {
    batch.samples.push_back(i);
    batch.epochs.push_back(0);
    batch.labels.push_back(i % std::max<int64_t>(1, facts.classes));
  }
  return batch;
}

class StepBenchmark : public Benchmark {
 public:
  Fields fields() override {
    return {{"input",
             &input_,
             {.min = 1, .max = 65536, .help = "channels, height and width of the views"}},
            {"classes", &classes_, {.min = 2, .max = 1e6, .help = "classes of the labels"}},
            {"steps", &steps_, {.min = 1, .max = 1e6, .help = "steps per round"}}};
  }
  std::string unit() const override { return "samples"; }
  std::string example() const override {
    return "step configs/pretrain/simclr_cifar10_resnet18.yaml data.batch=64";
  }
  bool uses_ranks() const override { return true; }
  bool takes_overrides() const override { return true; }
  std::vector<Candidate> candidates(const std::vector<std::string>&) override { return {}; }

  std::optional<Table> table(comm::Communicator& control, const std::vector<std::string>& arguments,
                             int64_t rounds) override;

 private:
  train::RunConfig read(const std::vector<std::string>& arguments, int ranks) const;
  Times measure(train::RunEngine& run, const train::RunConfig& config, const image::Batch& batch,
                comm::Communicator& control) const;
  double floor(train::RunEngine& run, const image::Batch& batch,
               const train::RunPlace& place) const;
  Table report(const train::RunConfig& config, const Times& times, int ranks, int64_t lanes) const;

  std::vector<int64_t> input_ = {3, 32, 32};
  int64_t classes_ = 10, steps_ = 5;
};

train::RunConfig StepBenchmark::read(const std::vector<std::string>& arguments, int ranks) const {
  check(!arguments.empty(), Kind::kUsage, "bench step takes a configuration (try: {})", example());
  check(input_.size() == 3, Kind::kUsage, "input has {} numbers, it must have three: {}",
        input_.size(), "channels, height, width");
  config::Document document = config::Document::load(arguments[0]);
  for (size_t i = 1; i < arguments.size(); ++i) document.set(arguments[i]);
  train::RunConfig config = train::RunConfig::read(document);
  if (config.parallel.lanes == "auto") config.parallel.lanes = std::to_string(ranks);
  return config;
}

Times StepBenchmark::measure(train::RunEngine& run, const train::RunConfig& config,
                             const image::Batch& batch, comm::Communicator& control) const {
  Times times;
  control.barrier();
  const Stopwatch watch;
  for (int64_t i = 0; i < steps_; ++i) {
    const pretext::Step step{i, steps_, static_cast<uint64_t>(config.seed)};
    times.exposed += run.engine().step(batch, step).comm_seconds;
    run.engine().adopt_statistics();
    const Stopwatch optimizer;
    run.optimizer().step(/*lr=*/1e-6, engine::resting(run.engine(), step));
    times.optimizer += optimizer.seconds();
    run.engine().after_step(step);
  }
  const auto steps = static_cast<double>(steps_);
  return {watch.seconds() / steps, times.exposed / steps, times.optimizer / steps, 0};
}

double StepBenchmark::floor(train::RunEngine& run, const image::Batch& batch,
                            const train::RunPlace& place) const {
  engine::Network& network = run.network();
  pretext::LaneInput input;
  const int64_t samples = batch.size();
  for (const image::Slab& slab : batch.views)
    input.views.push_back(
        tensor::to_tensor(slab, 0, samples, tensor::weight_type(place.precision), place.device));
  input.labels = tensor::to_tensor(batch.labels, place.device);
  input.samples = batch.samples;
  input.epochs = batch.epochs;
  const Stopwatch watch;
  for (int64_t i = 0; i < steps_; ++i) {
    torch::Tensor loss;
    {
      const tensor::Autocast autocast(place.precision, place.device.type());
      const pretext::LaneOutput output = network.task->run(*network.backbone, input);
      loss = output.losses.defined() ? output.losses.sum() : output.embeddings.sum();
    }
    loss.backward();
    for (const engine::NamedTensor& parameter : run.engine().parameters())
      at::Tensor(parameter.tensor).mutable_grad() = at::Tensor();
  }
  return watch.seconds() / static_cast<double>(steps_);
}

std::optional<Table> StepBenchmark::table(comm::Communicator& control,
                                          const std::vector<std::string>& arguments,
                                          int64_t rounds) {
  train::RunConfig config = read(arguments, control.size());
  const engine::Gpus gpus = engine::usable_gpus();
  const engine::DeviceChoice wanted = config.train.device;
  config.parallel.mode = engine::settle_mode(control, config.parallel.mode, wanted, gpus);
  config.train.precision =
      engine::settle_precision(control, config.train.precision, config.parallel.mode, wanted, gpus);
  const sync::LanePlan plan(std::stoll(config.parallel.lanes), control.size(), control.rank());
  const c10::Device device = engine::choose_device(wanted, config.parallel.mode, gpus);
  const auto data = engine::make_data_communicator(config.parallel.communicator, control, device);
  tensor::require_precision(config.train.precision, device);
  const train::RunPlace place{plan, control, *data, device, config.train.precision};
  const image::ViewShape shape{input_[0], input_[1], input_[2]};
  const engine::DataFacts facts{
      .input = shape,
      .views = std::vector(static_cast<size_t>(config.view_count()), shape),
      .classes = classes_,
      .samples = config.data.batch,
      .ids = config.data.batch};
  train::RunEngine run(config, facts, place);
  const image::Batch batch = noise(facts, config.data.batch / plan.lanes() * plan.count());
  std::vector<Times> all;
  for (int64_t round = -1; round < rounds; ++round) {  // one to warm up
    Times times = measure(run, config, batch, control);
    times.floor = floor(run, batch, place);
    if (round >= 0) all.push_back(times);
  }
  std::vector<double> medians;
  for (double Times::*part : {&Times::step, &Times::exposed, &Times::optimizer, &Times::floor}) {
    std::ranges::sort(all, {}, part);
    medians.push_back(all[all.size() / 2].*part);
  }
  std::vector<double> of_ranks(medians.size() * static_cast<size_t>(control.size()));
  control
      .all_gather(medians.data(), of_ranks.data(), static_cast<int64_t>(medians.size()),
                  comm::DataType::f64)
      .wait();
  for (size_t i = 0; i < of_ranks.size(); ++i)
    medians[i % medians.size()] = std::max(medians[i % medians.size()], of_ranks[i]);
  return report(config, {medians[0], medians[1], medians[2], medians[3]}, control.size(),
                plan.lanes());
}

Table StepBenchmark::report(const train::RunConfig& config, const Times& times, int ranks,
                            int64_t lanes) const {
  const double rate = static_cast<double>(config.data.batch) / times.step;
  const double passes = times.step - times.exposed - times.optimizer;
  Table table;
  table.rows = Json::array({{{"name", "step"},
                             {"samples_per_second", rate},
                             {"step_seconds", times.step},
                             {"forward_backward_seconds", passes},
                             {"exposed_exchange_seconds", times.exposed},
                             {"optimizer_seconds", times.optimizer},
                             {"floor_seconds", times.floor},
                             {"ranks", ranks},
                             {"lanes", lanes}}});
  table.text = fmt::format(
      "{} on {}, batch {}, {} lanes on {} ranks, {}, {}\n\n"
      "{:>12} {:>10} {:>18} {:>18} {:>10} {:>10} {:>8}\n"
      "{:>12.1f} {:>7.1f} ms {:>15.1f} ms {:>8.1f} ms {:>4.1f} % {:>7.1f} ms {:>7.1f} ms "
      "{:>7.2f}x\n",
      config.task, config.model.name, config.data.batch, lanes, ranks, config.parallel.mode,
      config.train.precision, "samples/s", "step", "forward, backward", "exposed exchange",
      "optimizer", "floor", "step", rate, 1e3 * times.step, 1e3 * passes, 1e3 * times.exposed,
      100 * times.exposed / times.step, 1e3 * times.optimizer, 1e3 * times.floor,
      times.step / times.floor);
  return table;
}

ESPALIER_REGISTER(Benchmark, StepBenchmark, "step",
                  "a training step: forward and backward, exchange, optimizer");

}  // namespace
}  // namespace espalier::bench

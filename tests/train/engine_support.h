// Small configurations, batches and engines, for the tests of this folder.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "comm/thread_comm.h"
#include "core/random.h"
#include "train/lane_engine.h"
#include "train/run_config.h"

namespace espalier::train {

constexpr image::ViewShape kToyShape{3, 8, 8};
constexpr int64_t kToyClasses = 3;

inline RunConfig toy_config(const std::string& task, const std::string& norm,
                            const std::string& precision, const std::string& more = "") {
  return RunConfig::read(
      config::Document::parse(fmt::format("model: {{name: conv_bn, widths: [4, 6], norm: {}}}\n"
                                          "task: {{name: {}}}\n"
                                          "train: {{precision: {}}}\n{}",
                                          norm, task, precision, more),
                              "toy.yaml"));
}

inline Network toy_network(const RunConfig& config) {
  Network network = config.make_network(kToyShape, kToyClasses);
  network.initialise("he_normal", /*seed=*/1);
  network.to(tensor::weight_type(tensor::parse_precision(config.train.precision, c10::kCPU)),
             c10::kCPU);
  network.train(true);
  return network;
}

// Samples [begin, end) of one global batch.
inline image::Batch toy_batch(int64_t views, int64_t begin, int64_t end) {
  image::Batch batch;
  batch.views.resize(static_cast<size_t>(views));
  for (int64_t sample = begin; sample < end; ++sample) {
    batch.samples.push_back(sample);
    batch.epochs.push_back(0);
    batch.labels.push_back(sample % kToyClasses);
    for (int64_t view = 0; view < views; ++view) {
      image::Slab& slab = batch.views[static_cast<size_t>(view)];
      slab.format = {.shape = kToyShape, .layout = image::Layout::kNchw};
      slab.bytes.resize(slab.bytes.size() + static_cast<size_t>(slab.format.bytes()));
      auto* values = reinterpret_cast<float*>(slab.sample(sample - begin));
      Draw draw(2, "toy", {static_cast<uint64_t>(sample), static_cast<uint64_t>(view)});
      for (int64_t i = 0; i < kToyShape.values(); ++i)
        values[i] = static_cast<float>(draw.normal());
    }
  }
  return batch;
}

// What an engine holds after one step, on rank 0: gradients by parameter, and the network's running
// statistics after they are adopted.
struct StepResult {
  StepSums sums;
  tensor::TensorMap gradients, statistics;
};

struct EngineSize {
  int64_t lanes = 1;
  int ranks = 1;
  int64_t workers = 1;
};

inline StepResult step_of(const RunConfig& config, int64_t batch, const EngineSize& size,
                          bool exact = true) {
  StepResult result;
  comm::run_ranks(size.ranks, [&](comm::Communicator& control) {
    const auto data = control.duplicate();
    Network network = toy_network(config);
    const sync::LanePlan plan(size.lanes, size.ranks, control.rank());
    LaneEngine engine(network, [&] { return config.make_network(kToyShape, kToyClasses); }, plan,
                      control, *data,
                      {.workers = size.workers,
                       .exact = exact,
                       .precision = tensor::parse_precision(config.train.precision, c10::kCPU)});
    const int64_t share = batch / size.lanes;
    const StepSums sums = engine.step(
        toy_batch(network.task->view_count(), plan.first() * share, plan.last() * share));
    engine.adopt_statistics();
    if (control.rank() != 0) return;
    result.sums = sums;
    for (size_t i = 0; i < engine.parameters().size(); ++i)
      result.gradients[engine.parameters()[i].name] = engine.gradients()[i].clone();
    for (const NamedTensor& buffer : network.running_statistics())
      result.statistics[buffer.name] = buffer.tensor.clone();
  });
  return result;
}

inline double largest_difference(const tensor::TensorMap& a, const tensor::TensorMap& b) {
  double largest = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
  for (const auto& [name, tensor] : a)
    largest = std::max(largest, (tensor - b.at(name)).abs().max().item<double>());
  return largest;
}

inline bool equal_bits(const tensor::TensorMap& a, const tensor::TensorMap& b) {
  return tensor::to_safetensors(a) == tensor::to_safetensors(b);
}

}  // namespace espalier::train

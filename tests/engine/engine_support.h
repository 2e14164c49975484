// Small configurations, batches and engines, for the tests of this folder.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "comm/thread_comm.h"
#include "config/plugin_options.h"
#include "core/random.h"
#include "engine/lane_engine.h"
#include "model/model_options.h"
#include "support/shrink.h"

namespace espalier::engine {

constexpr image::ViewShape kToyShape{3, 8, 8};
constexpr int64_t kToyClasses = 3, kToySamples = 100;

// A task on a small conv_bn, or on a small vision transformer where it is refused there.
class Toy {
 public:
  Toy(const std::string& task, const std::string& norm, const std::string& precision,
      bool recompute = false)
      : precision(value_named<tensor::Precision>(precision).value()), task_(task) {
    read(fmt::format("widths: [4, 6], norm: {}, recompute_stages: {}", norm, recompute));
    try {
      make_network();
    } catch (const Error& error) {
      if (error.kind() != Kind::kUsage) throw;
      read(fmt::format(
          "name: vit_tiny, norm: auto, patch: 2, width: 8, depth: 2, recompute_stages: {}",
          recompute));
    }
  }

  // With undefined weights.
  Network make_network(
      const std::function<std::shared_ptr<pretext::Task>(std::shared_ptr<pretext::Task>)>& dress =
          {}) const {
    auto task = Registry<pretext::Task>::create(task_);
    document_.fill("task", task->fields());
    shrink(task->fields());
    if (dress) task = dress(task);
    return build_network(
        [this] { return model_.make(document_, kToyShape); }, task,
        {.input = kToyShape, .classes = kToyClasses, .samples = kToySamples, .ids = kToySamples});
  }

  // Ready to train.
  Network network() const {
    Network network = make_network();
    network.initialise(tensor::InitScheme::kHeNormal, /*seed=*/1);
    network.to(tensor::weight_type(precision), c10::kCPU);
    network.train(true);
    return network;
  }

  const tensor::Precision precision;

 private:
  void read(const std::string& model) {
    model_ = {};
    document_ = config::Document::parse("model: {" + model + "}\ntask: {}\n", "toy.yaml");
    model_.name = document_.peek("model", "name", model_.name);
    backbone_ = Registry<model::Backbone>::create(model_.name);
    document_.bind("model", config::with(model_.fields(), backbone_->fields()));
    fields_of_task_ = Registry<pretext::Task>::create(task_);
    document_.bind("task", fields_of_task_->fields());
  }

  model::ModelOptions model_;
  std::shared_ptr<model::Backbone> backbone_;
  std::shared_ptr<pretext::Task> fields_of_task_;
  config::Document document_;
  std::string task_;
};

constexpr pretext::Step kToyStep{.number = 0, .total = 10, .seed = 3};

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
  bool shared_statistics = false;
  double loss_factor = 1;
};

inline StepResult step_of(const Toy& toy, int64_t batch, const EngineSize& size,
                          bool exact = true) {
  StepResult result;
  comm::run_ranks(size.ranks, [&](comm::Communicator& control) {
    const auto data = control.duplicate();
    Network network = toy.network();
    const sync::LanePlan plan(size.lanes, size.ranks, control.rank());
    LaneEngine engine(network, [&] { return toy.make_network(); }, plan, control, *data,
                      {.workers = size.workers,
                       .exact = exact,
                       .precision = toy.precision,
                       .shared_statistics = size.shared_statistics});
    const int64_t share = batch / size.lanes;
    const StepSums sums = engine.step(
        toy_batch(network.task->view_count(), plan.first() * share, plan.last() * share), kToyStep,
        {.loss_factor = size.loss_factor});
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

}  // namespace espalier::engine

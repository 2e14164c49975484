// A task on a tiny backbone in float64, and views to feed it.
#pragma once

#include <torch/torch.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "config/document.h"
#include "pretext/task.h"
#include "support/shrink.h"
#include "tensor/init.h"

namespace espalier::pretext {

inline constexpr int64_t kClasses = 5;
inline const image::ViewShape kInput{3, 12, 12};

// A backbone that computes nothing and remembers what it was given.
class ProbeBackbone : public model::Backbone {
 public:
  void build(const image::ViewShape&, model::Norm) override {}
  std::vector<std::string> stages() const override { return {"probe"}; }
  std::vector<std::string> stage_modules(int64_t) const override { return {}; }
  torch::Tensor seen;

 protected:
  torch::Tensor forward_stage(int64_t, const model::Features& x) override {
    seen = x.values.detach();
    return x.values;
  }
};

inline std::shared_ptr<model::Backbone> tiny_backbone(model::Norm norm,
                                                      const image::ViewShape& input = kInput) {
  torch::set_num_threads(1);  // nets this small only wait for more
  auto backbone = Registry<model::Backbone>::create("conv_bn");
  config::Document::parse("model: {widths: [4, 6], pools: 1}", "test")
      .bind("model", backbone->fields());
  backbone->build(input, norm);
  backbone->to(torch::kDouble);
  tensor::initialise(*backbone, "backbone.", tensor::InitScheme::kHeNormal, 3);
  return backbone;
}

// Of `options`, and of small size.
inline std::shared_ptr<model::Backbone> tiny_vit(const image::ViewShape& input = kInput,
                                                 int64_t patch = 4, int64_t width = 8) {
  torch::set_num_threads(1);
  auto backbone = Registry<model::Backbone>::create("vit_tiny");
  config::Document::parse(fmt::format("model: {{patch: {}, width: {}, depth: 2}}", patch, width),
                          "test")
      .bind("model", backbone->fields());
  backbone->build(input, backbone->own_norm());
  backbone->to(torch::kDouble);
  tensor::initialise(*backbone, "backbone.", tensor::InitScheme::kHeNormal, 3);
  // Not near 0, where normalisation magnifies the steps of a numeric gradient.
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& tokens : backbone->parameters())
    if (tokens.dim() == 3) tokens.mul_(25);
  return backbone;
}

// Small, but for what `options` say.
inline std::shared_ptr<Task> make_task(
    const std::string& name, model::Backbone& backbone, const std::string& options = "",
    const image::ViewShape& input = kInput,
    std::function<std::shared_ptr<model::Backbone>()> another = {}) {
  if (!another)
    another = [input, patches = backbone.patches(input).has_value()] {
      return patches ? tiny_vit(input) : tiny_backbone(model::Norm::kNone, input);
    };
  auto task = Registry<Task>::create(name);
  shrink(task->fields());
  config::Document::parse("task: {" + options + "}", "test").bind("task", task->fields());
  task->build({backbone, another, std::vector(static_cast<size_t>(task->view_count()), input),
               kClasses,
               /*ids=*/100});
  task->to(torch::kDouble);
  tensor::initialise(*task, "task.", tensor::InitScheme::kHeNormal, 3);
  return task;
}

// One that the task can be built on: of maps, or of patches where it is refused there.
inline std::shared_ptr<model::Backbone> tiny_backbone_for(const std::string& task,
                                                          model::Norm norm) {
  auto backbone = tiny_backbone(norm);
  try {
    make_task(task, *backbone);
    return backbone;
  } catch (const Error& error) {
    if (error.kind() != Kind::kUsage) throw;
  }
  return tiny_vit();
}

// Views of samples 10, 11, ...: noise that depends on the sample and the view.
inline LaneInput make_input(const Task& task, int64_t count,
                            const image::ViewShape& input = kInput) {
  LaneInput views;
  views.step.seed = 9;
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < count; ++i) {
    views.samples.push_back(10 + i);
    views.epochs.push_back(static_cast<uint64_t>(i % 2));
    labels.push_back(i % kClasses);
  }
  views.labels = torch::tensor(labels, torch::kLong);
  torch::manual_seed(4);
  for (int64_t view = 0; view < task.view_count(); ++view)
    views.views.push_back(
        torch::randn({count, input.channels, input.height, input.width}, torch::kDouble));
  return views;
}

// The samples at `places` of `views`, in that order.
inline LaneInput select(const LaneInput& views, const std::vector<int64_t>& places) {
  const torch::Tensor index = torch::tensor(places, torch::kLong);
  LaneInput selected;
  selected.labels = views.labels.index_select(0, index);
  selected.step = views.step;
  for (const torch::Tensor& view : views.views)
    selected.views.push_back(view.index_select(0, index));
  for (const int64_t place : places) {
    selected.samples.push_back(views.samples[static_cast<size_t>(place)]);
    selected.epochs.push_back(views.epochs[static_cast<size_t>(place)]);
  }
  return selected;
}

// What a lane gives, as the whole batch.
inline Gathered gathered(const LaneOutput& output, const LaneInput& input) {
  return {output.embeddings, output.detached,
          input.labels,      torch::tensor(input.samples, torch::kLong),
          output.sums,       input.step};
}

// The loss of a whole batch, summed over samples.
inline torch::Tensor total_loss(Task& task, model::Backbone& backbone, const LaneInput& input) {
  const LaneOutput output = task.run(backbone, input);
  torch::Tensor loss = torch::zeros({}, torch::kDouble);
  if (output.losses.defined()) loss = loss + output.losses.sum();
  if (!task.compares()) return loss;
  const Compared compared = task.compare(gathered(output, input), {});
  const auto samples = static_cast<double>(input.samples.size());
  return loss + compared.sum * (samples / compared.weight);
}

// One step of plain gradient descent on the mean loss, which it gives.
inline double train_step(Task& task, model::Backbone& backbone, const LaneInput& input, double lr) {
  const LaneOutput output = task.run(backbone, input);
  const Gathered batch = gathered(output, input);
  torch::Tensor loss = torch::zeros({}, torch::kDouble);
  if (output.losses.defined()) loss = loss + output.losses.mean();
  if (task.compares()) {
    const Compared compared = task.compare(batch, {});
    loss = loss + compared.sum / compared.weight;
  }
  loss.backward();
  const torch::NoGradGuard no_grad;
  const auto move = [&](torch::nn::Module& module, bool rests) {
    for (auto& item : module.named_parameters()) {
      torch::Tensor& gradient = item.value().mutable_grad();
      if (!gradient.defined()) continue;
      if (!rests || task.trains(item.key(), input.step)) item.value().sub_(gradient, lr);
      gradient = torch::Tensor();
    }
  };
  move(backbone, false);
  move(task, true);
  task.after_step(backbone, input.step, batch);
  return loss.item<double>();
}

inline double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>() / std::max(1.0, b.abs().max().item<double>());
}

}  // namespace espalier::pretext

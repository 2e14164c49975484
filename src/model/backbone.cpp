#include "model/backbone.h"

#include <torch/torch.h>

#include <algorithm>

#include "model/recompute.h"

namespace espalier::model {
namespace {

bool is_in(const std::string& name, const std::vector<std::string>& modules) {
  return std::ranges::any_of(modules, [&](const std::string& module) {
    return name.starts_with(module) && (name.size() == module.size() || name[module.size()] == '.');
  });
}

at::MemoryFormat format_of(const at::Tensor& features) {
  return features.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

}  // namespace

Features Backbone::forward(Features x, int64_t from, int64_t to) {
  int64_t learning = 0;  // the first stage that is not frozen
  while (frozen_.contains(learning)) ++learning;
  if (from == 0 && begin_ > 0) {
    x.values = from_view(x.values);
    from = begin_;
  }
  for (int64_t stage = from; stage < to; ++stage) {
    const torch::AutoGradMode graph(torch::GradMode::is_enabled() && stage >= learning);
    x = run_stage(stage, x);
  }
  return x;
}

Features Backbone::run_stage(int64_t stage, const Features& x) {
  if (!recompute_ || !torch::GradMode::is_enabled()) return {forward_stage(stage, x), x.drop_key};
  Recomputed again;
  again.run = [this, stage, x](const at::Tensor& values) {
    Features same = x;
    same.values = values;
    return forward_stage(stage, same);
  };
  if (x.mask_token.defined()) again.parameters.push_back(x.mask_token);
  const std::vector<std::string> modules = stage_modules(stage);
  for (const auto& item : named_parameters())
    if (is_in(item.key(), modules) && item.value().requires_grad())
      again.parameters.push_back(item.value());
  for (const auto& item : named_buffers())
    if (is_in(item.key(), modules)) again.buffers.push_back(item.value());
  return {recompute(x.values, std::move(again)), x.drop_key};
}

void Backbone::begin_at(int64_t cut, std::vector<int64_t> shape) {
  begin_ = cut;
  begin_shape_ = std::move(shape);
}

at::Tensor Backbone::from_view(const at::Tensor& values) const {
  if (begin_shape_.size() == 3) return values;
  std::vector<int64_t> shape = begin_shape_;
  shape.insert(shape.begin(), values.size(0));
  return values.permute({0, 2, 3, 1}).reshape(shape);
}

at::Tensor Backbone::each_alone(const at::Tensor& features, int64_t from, int64_t to) {
  const torch::NoGradGuard no_grad;
  at::Tensor all;
  for (int64_t i = 0; i < features.size(0); ++i) {
    Features one{features.narrow(0, i, 1)};
    for (int64_t stage = from; stage < to; ++stage) {
      // Kernels may choose by strides and by where in memory a sample lies.
      one.values = one.values.clone(format_of(one.values));
      one = run_stage(stage, one);
    }
    if (i == 0) {
      std::vector<int64_t> shape = one.values.sizes().vec();
      shape[0] = features.size(0);
      all = torch::empty(shape, one.values.options().memory_format(format_of(one.values)));
    }
    all.narrow(0, i, 1).copy_(one.values);
  }
  return all;
}

void Backbone::freeze_stage(int64_t stage) {
  frozen_.insert(stage);
  for (auto& item : named_parameters())
    if (stage_of(*this, item.key()) == stage) item.value().set_requires_grad(false);
  train(is_training());
}

void Backbone::freeze(int64_t stages) {
  for (int64_t stage = 0; stage < stages; ++stage) freeze_stage(stage);
}

void Backbone::train(bool on) {
  Module::train(on);
  const auto modules = named_modules(std::string(), /*include_self=*/false);
  if (!on) return;
  for (const int64_t stage : frozen_)
    for (const auto& item : modules)
      if (is_in(item.key(), stage_modules(stage))) item.value()->eval();
}

at::Tensor Backbone::pooled(const at::Tensor& values) const {
  if (values.dim() == 4) return values.mean({2, 3});
  if (values.dim() == 3) return values.slice(1, prefix_tokens()).mean(1);
  return values;
}

at::Tensor Backbone::represent(Features images) {
  return pooled(forward(std::move(images), 0, stage_count()).values);
}

std::vector<std::vector<int64_t>> stage_shapes(Backbone& backbone, const image::ViewShape& input) {
  const torch::NoGradGuard no_grad;
  const bool was_training = backbone.is_training();
  backbone.eval();
  const auto parameters = backbone.parameters();
  const auto type = parameters.empty() ? torch::kFloat : parameters[0].scalar_type();
  Features x{torch::zeros({1, input.channels, input.height, input.width}, type)};
  std::vector<std::vector<int64_t>> shapes;
  for (int64_t stage = 0; stage < backbone.stage_count(); ++stage) {
    x = backbone.forward(x, stage, stage + 1);
    shapes.push_back(x.values.sizes().slice(1).vec());
  }
  backbone.train(was_training);
  return shapes;
}

image::ViewShape view_of(const std::vector<int64_t>& shape) {
  if (shape.size() == 3) return {shape[0], shape[1], shape[2]};
  return {shape.back(), shape.size() == 2 ? shape[0] : 1, 1};
}

int64_t stage_of(const Backbone& backbone, const std::string& name) {
  for (int64_t stage = 0; stage < backbone.stage_count(); ++stage)
    if (is_in(name, backbone.stage_modules(stage))) return stage;
  throw Error(Kind::kBug, "parameter {} belongs to no stage", name);
}

}  // namespace espalier::model

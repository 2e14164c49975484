#include "transfer/stage_weights.h"

#include <torch/torch.h>

#include "core/random.h"
#include "engine/network.h"
#include "tensor/init.h"

namespace espalier::transfer {
namespace {

constexpr int64_t kFewestInBatch = 2;  // a variance needs them

// Batch normalisation of some stages, whose running statistics count every batch alike while one
// lives. `Module` is torch::nn::BatchNorm1d or 2d.
template <typename Module>
class Recounting {
 public:
  Recounting(model::Backbone& backbone, const std::set<int64_t>& stages) {
    for (const auto& item : backbone.named_modules(std::string(), /*include_self=*/false)) {
      auto* layer = item.value()->template as<Module>();
      if (layer == nullptr || !layer->running_mean.defined()) continue;
      if (!stages.contains(model::stage_of(backbone, item.key() + ".running_mean"))) continue;
      momenta_.emplace_back(layer, layer->options.momentum());
      layer->options.momentum(std::nullopt);
      layer->reset_running_stats();
      layer->train(true);
    }
  }
  ~Recounting() {
    for (auto& [layer, momentum] : momenta_) layer->options.momentum(momentum);
  }
  Recounting(const Recounting&) = delete;

  bool empty() const { return momenta_.empty(); }

 private:
  using Layer = std::remove_pointer_t<decltype(std::declval<torch::nn::Module&>().as<Module>())>;
  std::vector<std::pair<Layer*, std::optional<double>>> momenta_;
};

}  // namespace

void copy_stage(model::Backbone& backbone, int64_t stage, const tensor::TensorMap& weights) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : engine::state_of(backbone))
    if (model::stage_of(backbone, name) == stage) at::Tensor(tensor).copy_(weights.at(name));
}

void draw_stage_like(model::Backbone& backbone, int64_t stage, const tensor::TensorMap& weights,
                     uint64_t key) {
  const torch::NoGradGuard no_grad;
  for (auto& item : backbone.named_parameters()) {
    if (model::stage_of(backbone, item.key()) != stage) continue;
    const at::Tensor like = weights.at(item.key()).to(torch::kDouble);
    const auto mean = like.mean().item<double>();
    const auto deviation = like.std(/*unbiased=*/false).item<double>();
    Draw draw(key, "mean_var." + item.key());
    std::vector<double> values(static_cast<size_t>(like.numel()));
    for (double& value : values) value = mean + deviation * draw.normal();
    item.value().copy_(torch::from_blob(values.data(), like.sizes(), torch::kDouble));
  }
}

void recalibrate(model::Backbone& backbone, const std::set<int64_t>& stages,
                 const EvaluationSet& images) {
  if (stages.empty()) return;
  const torch::NoGradGuard no_grad;
  const bool was_training = backbone.is_training();
  backbone.eval();
  {
    const Recounting<torch::nn::BatchNorm1d> vectors(backbone, stages);
    const Recounting<torch::nn::BatchNorm2d> maps(backbone, stages);
    if (!vectors.empty() || !maps.empty())
      images.over([&](const at::Tensor& x, int64_t first) {
        if (first == 0 || x.size(0) >= kFewestInBatch)
          backbone.forward({x}, 0, *stages.rbegin() + 1);
      });
  }
  backbone.train(was_training);
}

void draw_anew(model::Backbone& backbone, tensor::InitScheme init, const EvaluationSet& images,
               uint64_t seed) {
  const torch::NoGradGuard no_grad;
  if (init == tensor::InitScheme::kAuto) init = backbone.own_init();
  tensor::initialise(backbone, "backbone.", init, seed);
  backbone.weights_drawn();
  std::set<int64_t> all;
  for (int64_t stage = 0; stage < backbone.stage_count(); ++stage) all.insert(stage);
  recalibrate(backbone, all, images);
}

}  // namespace espalier::transfer

// ConvNeXt-T (Liu et al., "A ConvNet for the 2020s", CVPR 2022, table 9) with timm's parameter
// names: 3, 3, 9 and 3 blocks of 96, 192, 384 and 768 channels.
//
// Stages stem, stages.0 .. stages.3, head: [N, C, H, W] images become maps, of H / 32 x W / 32 at
// the end; `head` averages the last over space and normalises it, [N, 768], as timm, torchvision
// and the authors do before their classifier. What wants a map stops before it.
//
// A block: depthwise 7x7 convolution, LayerNorm over channels (epsilon 1e-6), two dense layers with
// exact GELU between them, layer scale that begins at 1e-6, drop path.
#include <torch/torch.h>

#include "core/random.h"
#include "model/backbone.h"
#include "tensor/convert.h"

namespace espalier::model {
namespace {

constexpr int64_t kDepths[] = {3, 3, 9, 3}, kStages = 4, kBlocks = 18, kWidth = 96;
constexpr double kEpsilon = 1e-6, kLayerScale = 1e-6;

torch::nn::LayerNorm layer_norm(int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(kEpsilon));
}

torch::Tensor channels_first(const torch::Tensor& x) { return x.permute({0, 3, 1, 2}); }
torch::Tensor channels_last(const torch::Tensor& x) { return x.permute({0, 2, 3, 1}); }

// A norm and a convolution whose kernel is its stride, in the order of their names.
class Patching : public torch::nn::Module {
 public:
  Patching(int64_t in, int64_t out, int64_t side, bool norm_first) : norm_first_(norm_first) {
    norm_ = layer_norm(norm_first ? in : out);
    convolution_ = torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, side).stride(side));
    register_module(norm_first ? "0" : "1", norm_);
    register_module(norm_first ? "1" : "0", convolution_);
  }

  torch::Tensor forward(const torch::Tensor& x) {
    return norm_first_ ? convolution_->forward(normalised(x))
                       : normalised(convolution_->forward(x));
  }

 private:
  torch::Tensor normalised(const torch::Tensor& x) {
    return channels_first(norm_->forward(channels_last(x)));
  }

  bool norm_first_;
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Conv2d convolution_{nullptr};
};

class Block : public torch::nn::Module {
 public:
  explicit Block(int64_t width) {
    const auto options = torch::nn::Conv2dOptions(width, width, 7).padding(3).groups(width);
    convolution_ = register_module("conv_dw", torch::nn::Conv2d(options));
    norm_ = register_module("norm", layer_norm(width));
    const auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
    fc1_ = mlp->register_module("fc1", torch::nn::Linear(width, 4 * width));
    fc2_ = mlp->register_module("fc2", torch::nn::Linear(4 * width, width));
    gamma_ = register_parameter("gamma", torch::empty({width}));
  }

  void start_layer_scale() { gamma_.fill_(kLayerScale); }

  // Each sample of [N, C, H, W] is kept with the factor that `kept`, [N], gives it.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& kept) {
    torch::Tensor y = norm_->forward(channels_last(convolution_->forward(x)));
    y = fc2_->forward(torch::gelu(fc1_->forward(y))) * gamma_;
    if (kept.defined()) y = y * kept.view({-1, 1, 1, 1});
    return x + channels_first(y);
  }

 private:
  torch::nn::Conv2d convolution_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear fc1_{nullptr}, fc2_{nullptr};
  torch::Tensor gamma_;
};

class ConvnextTiny : public Backbone {
 public:
  Fields fields() override {
    return {{"patch",
             &patch_,
             {.min = 1,
              .max = 64,
              .unit = "px",
              .help = "side and stride of the first convolution; 4 as published, 1 or 2 for small "
                      "images"}},
            {"drop_path",
             &drop_path_,
             {.min = 0,
              .max = 0.99,
              .help = "probability that a sample skips the last block in training; it grows "
                      "linearly from 0 at the first block (stochastic depth)"}}};
  }

  Norm own_norm() const override { return Norm::kNone; }
  int64_t smallest_input() const override { return 8 * patch_; }
  tensor::InitScheme own_init() const override { return tensor::InitScheme::kTruncatedNormal; }

  void build(const image::ViewShape& input, Norm norm) override {
    check(norm == Norm::kNone, Kind::kUsage,
          "model.norm is {}, and convnext_tiny has layer normalisation alone (try: "
          "model.norm=auto)",
          norm);
    check(std::min(input.height, input.width) >= 8 * patch_, Kind::kUsage,
          "convnext_tiny with patches of {} takes images of at least {} x {} pixels, these are {} "
          "x {} (try: a smaller model.patch)",
          patch_, 8 * patch_, 8 * patch_, input.height, input.width);
    stem_ = register_module("stem", std::make_shared<Patching>(input.channels, kWidth, patch_,
                                                               /*norm_first=*/false));
    const auto stages = register_module("stages", torch::nn::ModuleList());
    for (int64_t i = 0; i < kStages; ++i) {
      const auto stage = std::make_shared<torch::nn::Module>();
      const int64_t width = kWidth << i;
      if (i > 0)
        downsamples_.push_back(stage->register_module(
            "downsample", std::make_shared<Patching>(width / 2, width, 2, /*norm_first=*/true)));
      const auto blocks = stage->register_module("blocks", torch::nn::ModuleList());
      blocks_.emplace_back();
      for (int64_t block = 0; block < kDepths[i]; ++block) {
        blocks_.back().push_back(std::make_shared<Block>(width));
        blocks->push_back(blocks_.back().back());
      }
      stages->push_back(stage);
    }
    const auto head = register_module("head", std::make_shared<torch::nn::Module>());
    norm_ = head->register_module("norm", layer_norm(kWidth << (kStages - 1)));
  }

  void weights_drawn() override {
    const torch::NoGradGuard no_grad;
    for (const auto& stage : blocks_)
      for (const auto& block : stage) block->start_layer_scale();
  }

  std::vector<std::string> stages() const override {
    return {"stem", "stages.0", "stages.1", "stages.2", "stages.3", "head"};
  }
  std::vector<std::string> stage_modules(int64_t stage) const override {
    return {stages()[static_cast<size_t>(stage)]};
  }

 protected:
  torch::Tensor forward_stage(int64_t stage, const Features& x) override {
    if (stage == 0) return stem_->forward(x.values);
    if (stage == kStages + 1) return norm_->forward(x.values.mean({2, 3}));
    const auto number = static_cast<size_t>(stage - 1);
    int64_t block = 0;
    for (size_t i = 0; i < number; ++i) block += kDepths[i];
    torch::Tensor map = stage > 1 ? downsamples_[number - 1]->forward(x.values) : x.values;
    for (const auto& one : blocks_[number]) {
      map = one->forward(map, one->is_training() ? kept(map, x, block) : torch::Tensor());
      ++block;
    }
    return map;
  }

 private:
  // What each sample's branch counts in `block` in training: 0, or 1 / (1 - rate) (Huang et al., "Deep networks
  // with stochastic depth", ECCV 2016). Undefined where all count 1.
  torch::Tensor kept(const torch::Tensor& map, const Features& x, int64_t block) const {
    const double rate = drop_path_ * static_cast<double>(block) / static_cast<double>(kBlocks - 1);
    if (!x.drop_key || rate == 0) return {};
    Draw draw(*x.drop_key, "drop_path", {static_cast<uint64_t>(block)});
    torch::Tensor factors = torch::empty({map.size(0)}, torch::kDouble);
    for (int64_t i = 0; i < map.size(0); ++i)
      factors.data_ptr<double>()[i] = draw.chance(rate) ? 0 : 1 / (1 - rate);
    return tensor::to_like(factors, map);
  }

  int64_t patch_ = 4;
  double drop_path_ = 0;
  std::shared_ptr<Patching> stem_;
  std::vector<std::shared_ptr<Patching>> downsamples_;  // of the second stage and on
  std::vector<std::vector<std::shared_ptr<Block>>> blocks_;
  torch::nn::LayerNorm norm_{nullptr};
};

ESPALIER_REGISTER(Backbone, ConvnextTiny, "convnext_tiny",
                  "ConvNeXt-T with timm's names, 28 M parameters");

}  // namespace
}  // namespace espalier::model

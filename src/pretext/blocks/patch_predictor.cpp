#include "pretext/blocks/patch_predictor.h"

#include <torch/torch.h>

#include "pretext/blocks/patches.h"
#include "tensor/convert.h"

namespace espalier::pretext {

PatchPredictor::PatchPredictor(const model::Patches& patches, const PredictorOptions& options,
                               const char* width_option)
    : crosses_(options.crosses) {
  constexpr int64_t kHeadWidth = 32;
  const int64_t width = options.width;
  check(width % (width < kHeadWidth ? 4 : kHeadWidth) == 0, Kind::kUsage,
        "{} is {}, it must be a multiple of {}, or of 4 below that", width_option, width,
        kHeadWidth);
  positions_ = sincos_positions(patches, width);
  embed_ = register_module("embed", torch::nn::Linear(patches.width, width));
  mask_token_ = register_parameter("mask_token", torch::empty({1, 1, width}));
  const auto list = register_module("blocks", torch::nn::ModuleList());
  for (int64_t i = 0; i < options.depth; ++i) {
    blocks_.push_back(std::make_shared<model::TransformerBlock>(
        model::BlockOptions{.width = width,
                            .heads = std::max<int64_t>(1, width / kHeadWidth),
                            .crosses = options.crosses}));
    list->push_back(blocks_.back());
  }
  norm_ = register_module("norm", model::layer_norm(width));
  output_ = register_module("output", torch::nn::Linear(width, options.outputs));
}

at::Tensor PatchPredictor::forward(const at::Tensor& tokens, const at::Tensor& shown,
                                   const at::Tensor& wanted) {
  const at::Tensor positions = tensor::to_like(positions_, mask_token_);
  const auto position = [&](const at::Tensor& places) {
    return positions.index_select(0, places.flatten()).view({places.size(0), places.size(1), -1});
  };
  const at::Tensor x = embed_->forward(tokens);
  at::Tensor y = mask_token_ + position(wanted);
  if (!crosses_) {
    const int64_t prefix = x.size(1) - shown.size(1);
    y = torch::cat(
        {x.slice(1, 0, prefix).to(y.scalar_type()), x.slice(1, prefix) + position(shown), y}, 1);
  }
  for (const auto& block : blocks_) y = block->forward(y, {}, x);
  return output_->forward(norm_->forward(y.slice(1, y.size(1) - wanted.size(1))));
}

}  // namespace espalier::pretext

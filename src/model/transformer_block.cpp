#include "model/transformer_block.h"

#include <torch/torch.h>

#include "core/random.h"
#include "tensor/convert.h"

namespace espalier::model {

torch::nn::LayerNorm layer_norm(int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(1e-6));
}

Attention::Attention(const BlockOptions& options) : heads_(options.heads) {
  const int64_t width = options.width;
  if (options.crosses) {
    q_ = register_module("q", torch::nn::Linear(width, width));
    kv_ = register_module("kv", torch::nn::Linear(width, 2 * width));
  } else {
    qkv_ = register_module("qkv", torch::nn::Linear(width, 3 * width));
  }
  proj_ = register_module("proj", torch::nn::Linear(width, width));
}

at::Tensor Attention::split(const at::Tensor& x, int64_t parts) const {
  return x.view({x.size(0), x.size(1), parts, heads_, -1}).permute({2, 0, 3, 1, 4});
}

at::Tensor Attention::forward(const at::Tensor& x, const at::Tensor& others) {
  at::Tensor q, k, v;
  if (qkv_) {
    const at::Tensor all = split(qkv_->forward(x), 3);
    q = all[0], k = all[1], v = all[2];
  } else {
    q = split(q_->forward(x), 1)[0];
    const at::Tensor both = split(kv_->forward(others), 2);
    k = both[0], v = both[1];
  }
  const at::Tensor y = at::scaled_dot_product_attention(q, k, v);
  return proj_->forward(y.transpose(1, 2).reshape(x.sizes()));
}

TransformerBlock::TransformerBlock(const BlockOptions& options)
    : layer_scale_(options.layer_scale) {
  const int64_t width = options.width;
  norm1_ = register_module("norm1", layer_norm(width));
  attention_ = register_module("attn", std::make_shared<Attention>(options));
  norm2_ = register_module("norm2", layer_norm(width));
  const auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
  fc1_ = mlp->register_module("fc1", torch::nn::Linear(width, 4 * width));
  fc2_ = mlp->register_module("fc2", torch::nn::Linear(4 * width, width));
  if (layer_scale_ == 0) return;
  const auto scale = [&](const char* name) {
    const auto module = register_module(name, std::make_shared<torch::nn::Module>());
    return module->register_parameter("gamma", torch::empty({width}));
  };
  factor1_ = scale("ls1");
  factor2_ = scale("ls2");
}

at::Tensor TransformerBlock::forward(at::Tensor x, const std::optional<DropPath>& drop,
                                     const at::Tensor& others) {
  x = x + branch(attention_->forward(norm1_->forward(x), others), factor1_, drop, 0);
  const at::Tensor y = fc2_->forward(torch::gelu(fc1_->forward(norm2_->forward(x))));
  return x + branch(y, factor2_, drop, 1);
}

at::Tensor TransformerBlock::branch(at::Tensor y, const at::Tensor& factor,
                                    const std::optional<DropPath>& drop, uint64_t number) const {
  if (factor.defined()) y = y * factor;
  if (!is_training() || !drop || drop->rate == 0) return y;
  Draw draw(drop->key, "drop_path", {drop->block, number});
  const at::Tensor kept = torch::empty({y.size(0), 1, 1}, torch::kDouble);
  for (int64_t i = 0; i < y.size(0); ++i)
    kept.data_ptr<double>()[i] = draw.chance(drop->rate) ? 0 : 1 / (1 - drop->rate);
  return y * tensor::to_like(kept, y);
}

void TransformerBlock::start_layer_scale() {
  const torch::NoGradGuard no_grad;
  for (at::Tensor* factor : {&factor1_, &factor2_})
    if (factor->defined()) factor->fill_(layer_scale_);
}

}  // namespace espalier::model

// The block of a vision transformer (Dosovitskiy et al., "An image is worth 16x16 words", ICLR
// 2021, eq. 2-3), with timm's parameter names: x += attention(norm1(x)), then x += mlp(norm2(x)).
//
// An MLP is four times as wide as the tokens, with exact GELU; LayerNorm has an epsilon of 1e-6.
#pragma once

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <optional>

namespace espalier::model {

struct BlockOptions {
  int64_t width = 1, heads = 1;  // heads divide the width
  // First value of the factors of both branches (Touvron et al., "Going deeper with image
  // transformers", ICCV 2021, section 2.1); 0 = there are none.
  double layer_scale = 0;
  bool crosses = false;  // tokens attend to others instead of to themselves
};

// In training each sample skips a branch with probability `rate`; of those that do not, it counts
// 1 / (1 - rate) times (Huang et al., "Deep networks with stochastic depth", ECCV 2016).
struct DropPath {
  uint64_t key = 0;  // the draws' seed
  uint64_t block = 0;
  double rate = 0;
};

// Multi-head attention: `qkv` of the tokens, or `q` of the tokens and `kv` of others.
class Attention : public torch::nn::Module {
 public:
  explicit Attention(const BlockOptions& options);
  // x [N, T, D], others [N, S, D] -> [N, T, D].
  at::Tensor forward(const at::Tensor& x, const at::Tensor& others);

 private:
  // [N, T, parts * D] -> [parts, N, heads, T, D / heads].
  at::Tensor split(const at::Tensor& x, int64_t parts) const;

  int64_t heads_;
  torch::nn::Linear qkv_{nullptr}, q_{nullptr}, kv_{nullptr}, proj_{nullptr};
};

class TransformerBlock : public torch::nn::Module {
 public:
  explicit TransformerBlock(const BlockOptions& options);

  // x [N, T, D] -> [N, T, D]. `others` is for a block that crosses.
  at::Tensor forward(at::Tensor x, const std::optional<DropPath>& drop = {},
                     const at::Tensor& others = {});

  // Sets the factors of layer scale, once initial weights are drawn.
  void start_layer_scale();

 private:
  at::Tensor branch(at::Tensor y, const at::Tensor& factor, const std::optional<DropPath>& drop,
                    uint64_t number) const;

  double layer_scale_;
  torch::nn::LayerNorm norm1_{nullptr}, norm2_{nullptr};
  std::shared_ptr<Attention> attention_;
  torch::nn::Linear fc1_{nullptr}, fc2_{nullptr};
  at::Tensor factor1_, factor2_;  // undefined without layer scale
};

torch::nn::LayerNorm layer_norm(int64_t width);

}  // namespace espalier::model

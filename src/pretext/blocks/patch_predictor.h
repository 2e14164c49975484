// A small transformer that says what patches hold which the backbone was not shown: the decoder of
// MAE (He et al. 2022, section 3) and the predictor of I-JEPA (Assran et al. 2023, section 3).
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <vector>

#include "model/backbone.h"
#include "model/transformer_block.h"

namespace espalier::pretext {

struct PredictorOptions {
  int64_t width = 512, depth = 8;  // a head for every 32 channels
  bool crosses = false;  // queries attend to what was shown instead of all attending to all
  int64_t outputs = 1;   // values per patch
};

// A query for each wanted patch is a learnt token and its position, which is fixed (sines and
// cosines). Where all attend to all, patches that were shown have their position too, and tokens
// before them have none.
class PatchPredictor : public torch::nn::Module {
 public:
  // kUsage, naming `width_option`, where heads or positions do not divide the width.
  PatchPredictor(const model::Patches& patches, const PredictorOptions& options,
                 const char* width_option);

  // tokens [N, prefix + K, D] of the patches `shown` i64 [N, K] -> [N, Q, outputs] of the patches
  // `wanted` i64 [N, Q].
  at::Tensor forward(const at::Tensor& tokens, const at::Tensor& shown, const at::Tensor& wanted);

 private:
  bool crosses_;
  at::Tensor positions_;  // [P, width], f64 on the host
  at::Tensor mask_token_;
  torch::nn::Linear embed_{nullptr}, output_{nullptr};
  std::vector<std::shared_ptr<model::TransformerBlock>> blocks_;
  torch::nn::LayerNorm norm_{nullptr};
};

}  // namespace espalier::pretext

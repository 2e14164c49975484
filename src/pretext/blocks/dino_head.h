// The head of DINO (Caron et al., "Emerging properties in self-supervised vision transformers",
// ICCV 2021, section 3.1 and appendix C): an MLP of three layers with GELU and no normalisation, a
// bottleneck that is scaled to length 1, and a last layer of rows of length 1, the prototypes:
// x [N, D] -> z [N, bottleneck] -> scores z . p_k [N, prototypes], each in [-1, 1].
//
// The authors fix the magnitude of the last layer's rows by weight normalisation; here their
// directions are what is trained, so no magnitude exists.
#pragma once

#include <torch/nn/modules/container/sequential.h>

#include <string>

#include "pretext/task.h"

namespace espalier::pretext {

struct DinoHeadOptions {
  int64_t hidden = 2048, bottleneck = 256, prototypes = 65536;
  double rest = 0.01;
  Fields fields();

  // Whether parameter `name` of a head, or of what holds heads, trains in this step: prototypes
  // rest at first.
  bool trains(const std::string& name, const Step& step) const;
};

class DinoHeadImpl : public torch::nn::Module {
 public:
  // With undefined weights.
  DinoHeadImpl(int64_t input, const DinoHeadOptions& options);

  at::Tensor forward(const at::Tensor& x) { return scores(bottleneck(x)); }
  at::Tensor bottleneck(const at::Tensor& x);  // z, at least f32
  at::Tensor scores(const at::Tensor& z) const;

 private:
  torch::nn::Sequential mlp_{nullptr};
  at::Tensor prototypes_;  // [prototypes, bottleneck]
};
TORCH_MODULE(DinoHead);

}  // namespace espalier::pretext

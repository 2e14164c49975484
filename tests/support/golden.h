// Known answers from tests/golden as tensors.
#pragma once

#include <torch/torch.h>

#include <cmath>

#include "support/golden_case.h"

namespace espalier {

// Nested lists of numbers as f64.
inline at::Tensor tensor_of(const nlohmann::json& numbers) {
  if (!numbers.is_array()) return torch::full({}, numbers.get<double>(), torch::kDouble);
  std::vector<at::Tensor> rows;
  for (const auto& row : numbers) rows.push_back(tensor_of(row));
  return torch::stack(rows);
}

// Values without a file: `pattern` of the scripts, f64 in [-0.5, 0.5).
inline at::Tensor pattern(at::IntArrayRef shape) {
  const at::Tensor i = torch::arange(c10::multiply_integers(shape), torch::kLong);
  return (i * 40503).remainder(65536).to(torch::kDouble).view(shape) / 65536 - 0.5;
}

// `fill` of make_vit.py.
inline void fill_with_pattern(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    at::Tensor& weight = item.value();
    const bool tokens = weight.dim() == 3 && weight.size(0) == 1;
    const double scale =
        weight.dim() > 1 && !tokens ? std::sqrt(12 / static_cast<double>(weight[0].numel())) : 1;
    const bool is_scale = weight.dim() == 1 && !item.key().ends_with("bias");
    weight.copy_(pattern(weight.sizes()) * scale + (is_scale ? 1 : 0));
  }
}

}  // namespace espalier

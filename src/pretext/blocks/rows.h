// Rows of embeddings: scaled to length 1, and a sample's views side by side.
#pragma once

#include <torch/torch.h>

namespace espalier::pretext {

// At least f32: probabilities, distances and lengths are not computed in less.
inline at::Tensor at_least_f32(const at::Tensor& x) {
  return x.to(at::promote_types(x.scalar_type(), at::kFloat));
}

// x / |x|, row by row; 16-bit values become f32.
inline at::Tensor unit_rows(const at::Tensor& x) {
  return torch::nn::functional::normalize(at_least_f32(x),
                                          torch::nn::functional::NormalizeFuncOptions().dim(1));
}

// [V n, D], view after view -> [n, V D].
inline at::Tensor side_by_side(const at::Tensor& rows, int64_t views) {
  const int64_t samples = rows.size(0) / views, width = rows.size(1);
  return rows.view({views, samples, width}).transpose(0, 1).reshape({samples, views * width});
}

// One view's [n, D] of that.
inline at::Tensor view_of(const at::Tensor& rows, int64_t view, int64_t views) {
  const int64_t width = rows.size(1) / views;
  return rows.narrow(1, view * width, width);
}

}  // namespace espalier::pretext

// SIGReg (Balestriero & LeCun, "LeJEPA: provable and scalable self-supervised learning without the
// heuristics", arXiv 2511.08544, section 4): embeddings are drawn to an isotropic Gaussian.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace espalier::pretext {

// Directions first .. last - 1 of those that `key` draws, as columns [width, last - first] of
// length 1. Each is drawn by (key, its number), so any cut gives the same ones.
at::Tensor drawn_slices(uint64_t key, int64_t first, int64_t last, int64_t width);

// The statistic of Epps and Pulley that a slice a of embeddings z [views, N, D] has in each view,
//   N int w(t) |1/N sum_n exp(i t a.z_n) - phi(t)|^2 dt,  phi(t) = w(t) = exp(-t^2 / 2),
// over -3 <= t <= 3, by the trapezoidal rule with 17 knots on the half t >= 0, as in the authors'
// code. Summed over slices [D, m], the mean over views. About 1 for a sample of a Gaussian, 0.4 N
// where all embeddings are 0.
at::Tensor sigreg(const at::Tensor& z, const at::Tensor& slices);

}  // namespace espalier::pretext

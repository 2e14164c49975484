#include "pretext/blocks/sigreg.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <cmath>

#include "core/random.h"

namespace espalier::pretext {
namespace {

constexpr int64_t kKnots = 17;
constexpr double kLargest = 3;  // t

}  // namespace

at::Tensor drawn_slices(uint64_t key, int64_t first, int64_t last, int64_t width) {
  at::Tensor slices = torch::empty({last - first, width}, torch::kDouble);
  for (int64_t slice = first; slice < last; ++slice) {
    Draw draw(key, "sigreg.slice", {static_cast<uint64_t>(slice)});
    auto generator = at::make_generator<at::CPUGeneratorImpl>(draw.u64());
    slices[slice - first].normal_(0, 1, generator);
  }
  return (slices / slices.norm(2, 1, /*keepdim=*/true)).t();
}

// At t = 0 both sides are 1: that knot adds nothing.
at::Tensor sigreg(const at::Tensor& z, const at::Tensor& slices) {
  const at::Tensor x = torch::matmul(z, slices);  // [views, N, m]
  const double step = kLargest / (kKnots - 1);
  at::Tensor statistic;
  for (int64_t knot = 1; knot < kKnots; ++knot) {
    const double t = static_cast<double>(knot) * step;
    const double phi = std::exp(-t * t / 2);
    const double width = knot == kKnots - 1 ? step : 2 * step;  // both halves of the integral
    const at::Tensor angles = x * t;
    const at::Tensor error = (angles.cos().mean(1) - phi).square() + angles.sin().mean(1).square();
    const at::Tensor term = error.sum() * (width * phi);
    statistic = statistic.defined() ? statistic + term : term;
  }
  return statistic * (static_cast<double>(z.size(1)) / static_cast<double>(z.size(0)));
}

}  // namespace espalier::pretext

#include "pretext/blocks/lab.h"

#include <torch/torch.h>

#include <set>

namespace espalier::pretext {
namespace {

constexpr int64_t kReach = 12;  // squares from the middle to the edge of the table
constexpr int64_t kAcross = 2 * kReach + 1;

// Linear light, and the non-linearity of CIE L*a*b*.
at::Tensor linear(const at::Tensor& v) {
  return torch::where(v > 0.04045, ((v + 0.055) / 1.055).pow(2.4), v / 12.92);
}
at::Tensor f(const at::Tensor& t) {
  return torch::where(t > 0.008856, t.clamp_min(0.008856).pow(1.0 / 3), t * 7.787 + 16.0 / 116);
}

// The squares that hold a colour of sRGB. Whatever a and b are, the lightest and the darkest colour
// that has them lie on a face of the cube of sRGB, so the faces hold them all; 86 x 86 colours of
// each find the squares that the 256^3 colours of 8 bits have.
std::set<std::array<int64_t, 2>> squares_in_gamut() {
  const at::Tensor levels = torch::arange(0, 256, 3, torch::kDouble) / 255;
  const int64_t n = levels.numel();
  const at::Tensor down = levels.view({n, 1}).expand({n, n}), across = levels.expand({n, n});
  std::set<std::array<int64_t, 2>> squares;
  for (int64_t face = 0; face < 6; ++face) {
    std::vector<at::Tensor> rgb = {down, across};
    rgb.insert(rgb.begin() + face / 2, torch::full_like(down, static_cast<double>(face % 2)));
    const at::Tensor lab = rgb_to_lab(torch::stack(rgb).unsqueeze(0));
    const at::Tensor ab =
        (lab[0].narrow(0, 1, 2) / kAbBin).round().to(torch::kLong).flatten(1).contiguous();
    const auto at = ab.accessor<int64_t, 2>();
    for (int64_t i = 0; i < ab.size(1); ++i) squares.insert({at[0][i], at[1][i]});
  }
  return squares;
}

// By square, row by row: its class.
at::Tensor class_table() {
  const auto& bins = ab_bins();
  at::Tensor table = torch::empty({kAcross * kAcross}, torch::kLong);
  for (int64_t square = 0; square < kAcross * kAcross; ++square) {
    const double a = kAbBin * static_cast<double>(square / kAcross - kReach);
    const double b = kAbBin * static_cast<double>(square % kAcross - kReach);
    const auto distance = [&](const std::array<double, 2>& bin) {
      return (bin[0] - a) * (bin[0] - a) + (bin[1] - b) * (bin[1] - b);
    };
    const auto nearest = std::ranges::min_element(bins, {}, distance);
    table[square] = static_cast<int64_t>(nearest - bins.begin());
  }
  return table;
}

}  // namespace

at::Tensor rgb_to_lab(const at::Tensor& rgb) {
  const at::Tensor light = linear(rgb);
  const at::Tensor r = light.select(1, 0), g = light.select(1, 1), b = light.select(1, 2);
  const at::Tensor x = f((r * 0.412453 + g * 0.357580 + b * 0.180423) / 0.95047);
  const at::Tensor y = f(r * 0.212671 + g * 0.715160 + b * 0.072169);
  const at::Tensor z = f((r * 0.019334 + g * 0.119193 + b * 0.950227) / 1.08883);
  return torch::stack({y * 116 - 16, (x - y) * 500, (y - z) * 200}, 1);
}

const std::vector<std::array<double, 2>>& ab_bins() {
  static const std::vector<std::array<double, 2>> bins = [] {
    const torch::NoGradGuard no_grad;
    std::vector<std::array<double, 2>> middles;
    for (const auto& [a, b] : squares_in_gamut())
      middles.push_back({kAbBin * static_cast<double>(a), kAbBin * static_cast<double>(b)});
    return middles;
  }();
  return bins;
}

at::Tensor quantised_ab(const at::Tensor& ab) {
  static const at::Tensor table = class_table();
  const at::Tensor square =
      ((ab / kAbBin).round().clamp(-static_cast<double>(kReach), kReach) + kReach).to(torch::kLong);
  return table.to(ab.device()).index({square.select(1, 0) * kAcross + square.select(1, 1)});
}

}  // namespace espalier::pretext

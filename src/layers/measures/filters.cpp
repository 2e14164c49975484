// The filters of the first convolution as a picture.
#include <torch/torch.h>

#include "image/resample.h"
#include "layers/measure.h"

namespace espalier::layers {
namespace {

constexpr int64_t kColumns = 16, kSide = 36, kGap = 2;

// The first weight [O, C, H, W] with C of 1 or 3, of more than one pixel; undefined without one.
at::Tensor first_filters(const model::Backbone& backbone) {
  for (const auto& item : backbone.named_parameters()) {
    const at::Tensor& weight = item.value();
    if (weight.dim() == 4 && (weight.size(1) == 1 || weight.size(1) == 3) && weight.size(2) > 1)
      return weight.detach().to(torch::kFloat);
  }
  return {};
}

image::Image enlarged(const at::Tensor& filter) {
  const at::Tensor pixels = filter.permute({1, 2, 0}).contiguous();
  image::Image small(pixels.size(0), pixels.size(1), pixels.size(2)), large;
  std::copy_n(pixels.const_data_ptr<uint8_t>(), small.pixels.size(), small.pixels.begin());
  image::resize(small, kSide, kSide, image::Filter::kBox, image::Passes::kPillow13, large);
  return large;
}

class Filters : public LayerMeasure {
 public:
  std::string title() const override { return "Filters of the first convolution"; }
  std::string reading() const override {
    return "Each square is a filter, grey is 0, all on one scale. Filters that have learnt are "
           "smooth and look for edges and colours; untrained ones are noise.";
  }

  Measured measure(const Look& look) const override {
    const at::Tensor weight = first_filters(*look.network.backbone);
    if (!weight.defined()) return {};
    const at::Tensor bytes =
        (weight / weight.abs().max().clamp_min(1e-30) * 127 + 128).round().to(torch::kByte);
    const int64_t count = bytes.size(0), channels = bytes.size(1);
    const int64_t columns = std::min(kColumns, count), rows = (count + columns - 1) / columns;
    image::Image sheet(rows * (kSide + kGap), columns * (kSide + kGap), channels);
    std::fill(sheet.pixels.begin(), sheet.pixels.end(), 255);
    for (int64_t i = 0; i < count; ++i) {
      const image::Image filter = enlarged(bytes[i]);
      for (int64_t y = 0; y < kSide; ++y)
        std::copy_n(
            filter.row(y), kSide * channels,
            sheet.row(i / columns * (kSide + kGap) + y) + i % columns * (kSide + kGap) * channels);
    }
    return {.picture = std::move(sheet)};
  }
};

ESPALIER_REGISTER(LayerMeasure, Filters, "filters", "filters of the first convolution");

}  // namespace
}  // namespace espalier::layers

#include "pretext/blocks/block_mask.h"

#include <torch/torch.h>

#include <cmath>

namespace espalier::pretext {
namespace {

constexpr double kLeastArea = 4, kAspect = 0.3;  // patches; least height / width
constexpr int kTries = 10;                       // for a block that fits

int64_t share_of(double share, const model::Patches& patches) {
  const auto count = static_cast<double>(patches.count());
  return std::clamp<int64_t>(std::lround(share * count), 1, patches.count());
}

// The mask of one view.
class BlockMask {
 public:
  BlockMask(bool* masked, const model::Patches& patches) : masked_(masked), patches_(patches) {}

  void draw(Draw& draw, int64_t wanted) {
    while (wanted > 0) {
      const int64_t added = add_block(draw, wanted);
      if (added == 0) break;
      wanted -= added;
    }
    while (wanted > 0) {
      bool& patch = masked_[draw.below(patches_.count())];
      wanted -= patch ? 0 : 1;
      patch = true;
    }
  }

 private:
  // Masks a block that adds 1 to `room` patches and gives their number; 0 where none was found.
  int64_t add_block(Draw& draw, int64_t room) {
    for (int attempt = 0; attempt < kTries; ++attempt) {
      const auto most = static_cast<double>(room);
      const double area = draw.uniform(std::min(kLeastArea, most), most);
      const double aspect = std::exp(draw.uniform(std::log(kAspect), -std::log(kAspect)));
      const int64_t height = std::lround(std::sqrt(area * aspect));
      const int64_t width = std::lround(std::sqrt(area / aspect));
      if (height < 1 || width < 1 || height > patches_.rows || width > patches_.columns) continue;
      const int64_t top = draw.below(patches_.rows - height + 1);
      const int64_t left = draw.below(patches_.columns - width + 1);
      const auto each = [&](const auto& visit) {
        for (int64_t row = top; row < top + height; ++row)
          for (int64_t column = left; column < left + width; ++column)
            visit(masked_[row * patches_.columns + column]);
      };
      int64_t added = 0;
      each([&](bool& patch) { added += patch ? 0 : 1; });
      if (added == 0 || added > room) continue;
      each([](bool& patch) { patch = true; });
      return added;
    }
    return 0;
  }

  bool* masked_;
  const model::Patches& patches_;
};

}  // namespace

Fields BlockMaskOptions::fields() {
  return {{"mask_probability",
           &probability,
           {.min = 0, .max = 1, .help = "that a global crop is masked at all"}},
          {"mask_least",
           &least,
           {.min = 0,
            .max = 1,
            .unit = "of the patches",
            .help = "least share of the patches that is masked"}},
          {"mask_most",
           &most,
           {.min = 0,
            .max = 1,
            .unit = "of the patches",
            .help = "largest share of the patches that is masked"}}};
}

int64_t BlockMaskOptions::most_patches(const model::Patches& patches) const {
  return share_of(most, patches);
}

at::Tensor block_masks(const LaneInput& input, std::string_view name, int64_t views,
                       const model::Patches& patches, const BlockMaskOptions& options) {
  const auto samples = static_cast<int64_t>(input.samples.size());
  at::Tensor masks = torch::zeros({views * samples, patches.count()}, torch::kBool);
  for (int64_t view = 0; view < views; ++view)
    for (int64_t i = 0; i < samples; ++i) {
      Draw draw = input.draw(name, i, view);
      if (!draw.chance(options.probability)) continue;
      const double share = draw.uniform(options.least, options.most);
      bool* masked = masks.mutable_data_ptr<bool>() + (view * samples + i) * patches.count();
      BlockMask(masked, patches).draw(draw, share_of(share, patches));
    }
  return masks;
}

}  // namespace espalier::pretext

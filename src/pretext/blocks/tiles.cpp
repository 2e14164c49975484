#include "pretext/blocks/tiles.h"

#include <torch/torch.h>

#include "pretext/blocks/patches.h"
#include "tensor/convert.h"

namespace espalier::pretext {

at::Tensor cut_tiles(const at::Tensor& x, const std::vector<Corner>& corners, int64_t side) {
  const auto all = static_cast<int64_t>(corners.size());
  std::vector<int64_t> tops, lefts, images;
  for (int64_t i = 0; i < all; ++i) {
    tops.push_back(corners[static_cast<size_t>(i)].top);
    lefts.push_back(corners[static_cast<size_t>(i)].left);
    images.push_back(i * x.size(0) / all);
  }
  const at::Tensor within = torch::arange(side, at::TensorOptions(x.device()).dtype(torch::kLong));
  const at::Tensor rows =
      tensor::to_tensor(tops, x.device()).view({-1, 1, 1}) + within.view({-1, 1});
  const at::Tensor columns = tensor::to_tensor(lefts, x.device()).view({-1, 1, 1}) + within;
  const at::Tensor image = tensor::to_tensor(images, x.device()).view({-1, 1, 1});
  return x.permute({0, 2, 3, 1}).index({image, rows, columns}).permute({0, 3, 1, 2});
}

at::Tensor normalised_tiles(const at::Tensor& tiles) {
  constexpr double kLeastVariance = 1e-5;  // as batch normalisation's epsilon
  const at::Tensor centred = tiles - tiles.mean({2, 3}, /*keepdim=*/true);
  return centred / (centred.square().mean({2, 3}, true) + kLeastVariance).sqrt();
}

at::Tensor resized_tiles(const at::Tensor& tiles, int64_t side) {
  if (tiles.size(2) == side && tiles.size(3) == side) return tiles;
  return at::_upsample_bilinear2d_aa(tiles, {side, side}, /*align_corners=*/false);
}

Field TileInput::field() {
  return {"size",
          &option_,
          {.min = 0,
           .max = 65536,
           .unit = "px",
           .help = "side to which tiles are resized before the backbone sees them; 0 = that of the "
                   "views, which every backbone takes"}};
}

void TileInput::build(const Site& site, const std::string& task) {
  const image::ViewShape& input = site.input();
  check(input.height == input.width, Kind::kUsage,
        "{} takes square views, these are {} x {} (try: augment.views: "
        "[\"padded_crop(size=32)\"])",
        task, input.height, input.width);
  side_ = option_ == 0 ? input.height : option_;
  try {
    width_ = map_shape(site.backbone, {input.channels, side_, side_}).front();
  } catch (const std::exception&) {
    throw Error(Kind::kUsage,
                "task.size is {}, and the backbone does not take tiles of {} x {} pixels (try: "
                "task.size=0)",
                option_, side_, side_);
  }
}

}  // namespace espalier::pretext

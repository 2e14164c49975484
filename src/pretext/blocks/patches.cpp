#include "pretext/blocks/patches.h"

#include <torch/torch.h>

namespace espalier::pretext {

model::Patches require_patches(const Site& site, const std::string& task, int64_t least) {
  const image::ViewShape& input = site.input();
  const auto patches = site.backbone.patches(input);
  check(patches.has_value(), Kind::kUsage,
        "{} hides patches, and this backbone does not cut images into patches (try: "
        "model.name=vit_tiny)",
        task);
  check(patches->count() >= least, Kind::kUsage,
        "{} needs at least {} patches, images of {} x {} pixels have {} (try: a smaller "
        "model.patch)",
        task, least, input.height, input.width, patches->count());
  return *patches;
}

at::Tensor pixels_of_patches(const at::Tensor& images, const model::Patches& patches) {
  const int64_t side = patches.side;
  return images.slice(2, 0, patches.rows * side)
      .slice(3, 0, patches.columns * side)
      .reshape({images.size(0), images.size(1), patches.rows, side, patches.columns, side})
      .permute({0, 2, 4, 3, 5, 1})
      .reshape({images.size(0), patches.count(), side * side * images.size(1)});
}

at::Tensor images_of_patches(const at::Tensor& pixels, const model::Patches& patches) {
  const int64_t side = patches.side;
  return pixels.view({pixels.size(0), patches.rows, patches.columns, side, side, -1})
      .permute({0, 5, 1, 3, 2, 4})
      .reshape({pixels.size(0), -1, patches.rows * side, patches.columns * side});
}

at::Tensor rows_at(const at::Tensor& values, const at::Tensor& places) {
  return values.gather(1, places.unsqueeze(2).expand({-1, -1, values.size(2)}));
}

at::Tensor sincos_positions(const model::Patches& patches, int64_t width) {
  const at::Tensor place = torch::arange(patches.count(), torch::kLong);
  const at::Tensor order = torch::arange(width / 4, torch::kDouble) / (width / 4);
  const at::Tensor frequency = torch::pow(10000.0, -order).unsqueeze(0);
  std::vector<at::Tensor> parts;
  for (const at::Tensor& at :
       {place.remainder(patches.columns), place.floor_divide(patches.columns)}) {
    const at::Tensor angle = at.to(torch::kDouble).unsqueeze(1) * frequency;
    parts.insert(parts.end(), {angle.sin(), angle.cos()});
  }
  return torch::cat(parts, 1);
}

at::Tensor as_map(const model::Backbone& backbone, const at::Tensor& values,
                  const image::ViewShape& input) {
  if (values.dim() == 2) return values.unsqueeze(2).unsqueeze(3);
  if (values.dim() == 4) return values;
  const model::Patches patches = backbone.patches(input).value();
  return values.slice(1, backbone.prefix_tokens())
      .transpose(1, 2)
      .unflatten(2, {patches.rows, patches.columns});
}

std::vector<int64_t> map_shape(model::Backbone& backbone, const image::ViewShape& input) {
  const std::vector<int64_t> shape = model::stage_shapes(backbone, input).back();
  if (shape.size() == 3) return shape;
  if (shape.size() == 1) return {shape[0], 1, 1};
  const model::Patches patches = backbone.patches(input).value();
  return {shape[1], patches.rows, patches.columns};
}

}  // namespace espalier::pretext

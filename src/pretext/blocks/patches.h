// What tasks of masked prediction share: an image as patches, and the last features as a map.
#pragma once

#include <string>
#include <vector>

#include "pretext/task.h"

namespace espalier::pretext {

// How the site's backbone cuts its input into patches; kUsage, naming the task, where it has none
// or fewer than `least`.
model::Patches require_patches(const Site& site, const std::string& task, int64_t least);

// Images [N, C, H, W] -> [N, P, side * side * C]: the pixels of each patch row by row, with a
// pixel's channels side by side, as in MAE's code.
at::Tensor pixels_of_patches(const at::Tensor& images, const model::Patches& patches);

// The way back: [N, P, side * side * C] -> [N, C, rows * side, columns * side].
at::Tensor images_of_patches(const at::Tensor& pixels, const model::Patches& patches);

// Rows of `values` [N, P, D] at `places` i64 [N, K] -> [N, K, D].
at::Tensor rows_at(const at::Tensor& values, const at::Tensor& places);

// Fixed positions [P, width] in f64, width a multiple of 4: sines and cosines of the column, then
// of the row, as in MAE's code (He et al., "Masked autoencoders are scalable vision learners", CVPR
// 2022, appendix A.1).
at::Tensor sincos_positions(const model::Patches& patches, int64_t width);

// What the backbone's last stage gives for images of `input`, as a map: tokens of patches without
// those before them, and a vector as a map of 1 x 1.
at::Tensor as_map(const model::Backbone& backbone, const at::Tensor& values,
                  const image::ViewShape& input);
// {D, rows, columns} of it.
std::vector<int64_t> map_shape(model::Backbone& backbone, const image::ViewShape& input);

}  // namespace espalier::pretext

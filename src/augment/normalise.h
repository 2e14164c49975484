// From bytes to what a network sees.
#pragma once

#include <span>

#include "image/image.h"

namespace espalier::augment {

// `chw`: [C, H, W] f32 = (pixel / 255 - mean[c]) / std[c], each step rounded to f32 as by
// torchvision's ToTensor and Normalize. One mean and std for all channels, or one a channel; kUsage
// otherwise, and where a std is 0. Pure.
void normalise(const image::Image& image, std::span<const double> mean, std::span<const double> std,
               float* chw);

}  // namespace espalier::augment

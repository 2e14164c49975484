// From bytes to the numbers that a network takes: (pixel / 255 - mean[c]) / std[c], each step
// rounded to f32 as by torchvision's ToTensor and Normalize; bf16 rounds that to the nearest,
// halves to even.
//
//   const Normaliser normalise({0.485, 0.456, 0.406}, {0.229, 0.224, 0.225});
//   normalise(image, {.shape = {3, 224, 224}}, into);
//
// Const after construction; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "image/batch.h"
#include "image/image.h"

namespace espalier::image {

class Normaliser {
 public:
  // One mean and std for all channels, or one per channel; kUsage where a std is not above 0.
  Normaliser(std::span<const double> mean, std::span<const double> std);

  // kUsage when the numbers are of another count than the channels.
  void check_channels(int64_t channels) const;

  // kUsage when `format` is of another shape than the pixels, and as check_channels().
  void operator()(const Pixels& from, const SlabFormat& format, std::byte* into) const;

 private:
  std::vector<float> centre_, spread_;  // one, or one per channel
};

}  // namespace espalier::image

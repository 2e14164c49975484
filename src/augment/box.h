// What the ops that cut a box out of the image have in common: parameters that hold the box, and
// the part of it that lies in the image.
#pragma once

#include <string>

#include "augment/op.h"

namespace espalier::augment {

// `box` of an image of shape `in`; may lie outside of it.
void set_box(const image::Box& box, image::ViewShape in, Op::Parameters& parameters);

// The box that begins at parameter `first`.
image::Box box_of(const Op::Parameters& parameters, size_t first = 0);

// The part of the box that lies in the image; at least one pixel of the image.
image::Box part_inside(const Op::Parameters& parameters);

// The pixels in the box, black outside of the image, given those of part_inside().
void crop_from_inside(const image::Pixels& inside, const Op::Parameters& parameters,
                      image::Image& to);

// "crop(3, 5, 97, 131)"
std::string spelled_crop(const Op::Parameters& parameters);

// What erased pixels become: one byte, or one a channel.
using ErasedValue = std::vector<int64_t>;
Field value_field(ErasedValue& value);
void erase(image::Image& image, const image::Box& box, const ErasedValue& value);
// "erase(3, 5, 97, 131, [0])"
std::string spelled_erase(const image::Box& box, const ErasedValue& value);

}  // namespace espalier::augment

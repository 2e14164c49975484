// What the ops that cut a box out of the image have in common: eight parameters hold the box and
// the part of it that lies in the image.
#pragma once

#include <string>

#include "augment/op.h"

namespace espalier::augment {

// `box` of an image of shape `in`; may lie outside of it.
void set_box(const image::Box& box, image::ViewShape in, Op::Parameters& parameters);

// The box that begins at parameter `first`.
image::Box box_of(const Op::Parameters& parameters, size_t first = 0);

// An op that cuts a box; what lies outside of the image is black.
class CutsBox : public Op {
 public:
  image::Box region(image::ViewShape, const Parameters& box) const final;
  void apply(const image::Pixels& from, const Parameters& box, image::Image& to) const final;
  std::string spelled(const Parameters& box) const final;
};

// "crop(3, 5, 97, 131)"
std::string spelled_crop(const Op::Parameters& parameters);

}  // namespace espalier::augment

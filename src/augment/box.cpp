#include "augment/box.h"

#include <algorithm>

#include "core/error.h"
#include "image/geometry.h"

namespace espalier::augment {

void set_box(const image::Box& box, image::ViewShape in, Op::Parameters& parameters) {
  const int64_t top = std::clamp<int64_t>(box.top, 0, in.height - 1);
  const int64_t left = std::clamp<int64_t>(box.left, 0, in.width - 1);
  const int64_t bottom = std::clamp<int64_t>(box.top + box.height, top + 1, in.height);
  const int64_t right = std::clamp<int64_t>(box.left + box.width, left + 1, in.width);
  parameters.clear();
  for (const int64_t number :
       {box.top, box.left, box.height, box.width, top, left, bottom - top, right - left}) {
    parameters.push_back(static_cast<double>(number));
  }
}

image::Box box_of(const Op::Parameters& parameters, size_t first) {
  const auto number = [&](size_t i) { return static_cast<int64_t>(parameters[first + i]); };
  return {number(0), number(1), number(2), number(3)};
}

// The part of the box that lies in the image; at least one pixel of the image.
image::Box CutsBox::region(image::ViewShape, const Parameters& box) const { return box_of(box, 4); }

void CutsBox::apply(const image::Pixels& from, const Parameters& parameters,
                    image::Image& to) const {
  const image::Box box = box_of(parameters), part = box_of(parameters, 4);
  image::crop(from, {box.top - part.top, box.left - part.left, box.height, box.width}, to);
}

std::string CutsBox::spelled(const Parameters& box) const { return spelled_crop(box); }

std::string spelled_crop(const Op::Parameters& parameters) {
  const image::Box box = box_of(parameters);
  return fmt::format("crop({}, {}, {}, {})", box.top, box.left, box.height, box.width);
}

}  // namespace espalier::augment

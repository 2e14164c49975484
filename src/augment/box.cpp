#include "augment/box.h"

#include <algorithm>

#include "core/error.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

image::Box box_from(const double* numbers) {
  const auto whole = [&](size_t i) { return static_cast<int64_t>(numbers[i]); };
  return {whole(0), whole(1), whole(2), whole(3)};
}

}  // namespace

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

image::Box box_of(const Op::Parameters& parameters) { return box_from(parameters.data()); }

image::Box part_inside(const Op::Parameters& parameters) { return box_from(parameters.data() + 4); }

void crop_from_inside(const image::Pixels& inside, const Op::Parameters& parameters,
                      image::Image& to) {
  const image::Box box = box_of(parameters), part = part_inside(parameters);
  image::crop(inside, {box.top - part.top, box.left - part.left, box.height, box.width}, to);
}

std::string spelled_crop(const Op::Parameters& parameters) {
  const image::Box box = box_of(parameters);
  return fmt::format("crop({}, {}, {}, {})", box.top, box.left, box.height, box.width);
}

}  // namespace espalier::augment

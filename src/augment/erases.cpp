#include "augment/erases.h"

#include <algorithm>
#include <array>

#include "augment/box.h"
#include "core/error.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

constexpr size_t kMostValues = 8;

}  // namespace

Fields Erases::fields() {
  Fields fields = options();
  fields.push_back({"value",
                    &value_,
                    {.min = 0,
                     .max = 255,
                     .help = "value of the filled pixels: one number, or one per channel"}});
  return fields;
}

void Erases::validate() const {
  check(!value_.empty() && value_.size() <= kMostValues, Kind::kUsage,
        "{} values to erase with (try: one, or one per channel)", value_.size());
}

std::vector<int64_t> Erases::channels() const {
  if (value_.size() == 1) return {};
  return {static_cast<int64_t>(value_.size())};
}

void Erases::apply(const image::Pixels& from, const Parameters& boxes, image::Image& to) const {
  std::array<uint8_t, kMostValues> value{};
  std::ranges::transform(value_, value.begin(), [](int64_t v) { return static_cast<uint8_t>(v); });
  image::copy(from, to);
  for (size_t i = 0; i < boxes.size(); i += 4) {
    image::erase(to, box_of(boxes, i), std::span(value).first(value_.size()));
  }
}

std::string Erases::spelled(const Parameters& boxes) const {
  std::string text;
  for (size_t i = 0; i < boxes.size(); i += 4) {
    const image::Box box = box_of(boxes, i);
    text += fmt::format("{}erase({}, {}, {}, {}, [{}])", i == 0 ? "" : " | ", box.top, box.left,
                        box.height, box.width, fmt::join(value_, ", "));
  }
  return text;
}

void Erases::add(const image::Box& box, Parameters& boxes) {
  for (const int64_t number : {box.top, box.left, box.height, box.width}) {
    boxes.push_back(static_cast<double>(number));
  }
}

}  // namespace espalier::augment

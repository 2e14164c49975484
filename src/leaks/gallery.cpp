#include "leaks/gallery.h"

#include <algorithm>
#include <cmath>

#include "leaks/signature.h"
#include "shards/parallel.h"

namespace espalier::leaks {
namespace {

constexpr int64_t kAxes = 8;   // numbers that divide
constexpr int64_t kLeaf = 16;  // places that are not divided

}  // namespace

bool Gallery::Tree::leaf() const { return end - begin <= kLeaf; }

size_t Gallery::Tree::axis() const { return static_cast<size_t>(depth % kAxes); }

Gallery::Gallery(const std::vector<image::Image>& thumbnails, const std::vector<image::Box>& boxes,
                 int64_t side, const std::vector<float>& radius, int64_t threads)
    : length_(static_cast<size_t>(side * side)), radius_(radius) {
  std::vector<Entry> entries;
  for (int64_t i = 0; i < std::ssize(thumbnails); ++i)
    if (radius[i] > 0)
      for (const image::Box& box : boxes) entries.push_back({i, box});
  shards::parallel_for(std::ssize(entries), threads, [&](int64_t i) {
    Entry& entry = entries[i];
    entry.numbers = signature(thumbnails[entry.image], entry.box, side);
  });
  nodes_.resize(entries.size());
  divide({0, std::ssize(entries), 0}, entries);
  numbers_.reserve(entries.size() * length_);
  for (Entry& entry : entries) {
    image_.push_back(entry.image);
    numbers_.insert(numbers_.end(), entry.numbers.begin(), entry.numbers.end());
    entry.numbers = {};
  }
}

// The largest radius in it.
float Gallery::divide(const Tree& tree, std::vector<Entry>& entries) {
  float reach = 0;
  if (tree.leaf()) {
    for (int64_t place = tree.begin; place < tree.end; ++place)
      reach = std::max(reach, radius_[entries[place].image]);
    return reach;
  }
  const auto at = [&](int64_t place) { return entries.begin() + place; };
  std::nth_element(at(tree.begin), at(tree.middle()), at(tree.end),
                   [&](const Entry& one, const Entry& other) {
                     return one.numbers[tree.axis()] < other.numbers[tree.axis()];
                   });
  const float divider = entries[tree.middle()].numbers[tree.axis()];
  reach = std::max(divide(tree.low(), entries), divide(tree.high(), entries));
  nodes_[tree.middle()] = {divider, reach};
  return reach;
}

std::span<const float> Gallery::numbers(int64_t place) const {
  return {numbers_.data() + static_cast<size_t>(place) * length_, length_};
}

void Gallery::search(const Tree& tree, std::span<const float> signature,
                     const std::function<void(int64_t, float)>& visit) const {
  if (tree.leaf()) {
    for (int64_t place = tree.begin; place < tree.end; ++place) {
      const float radius = radius_[image_[place]], most = radius * radius;
      const float found = squared_distance(signature, numbers(place), most);
      if (found <= most) visit(image_[place], std::sqrt(found));
    }
    return;
  }
  const float value = signature[tree.axis()];
  const auto [divider, reach] = nodes_[tree.middle()];
  if (value - reach <= divider) search(tree.low(), signature, visit);
  if (value + reach >= divider) search(tree.high(), signature, visit);
}

void Gallery::reached(std::span<const float> signature,
                      const std::function<void(int64_t, float)>& visit) const {
  search({0, std::ssize(image_), 0}, signature, visit);
}

}  // namespace espalier::leaks

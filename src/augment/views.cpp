#include "augment/views.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.h"

namespace espalier::augment {
namespace {

struct Memory {
  std::vector<ViewPlan> plans;
  image::Image decoded;
  std::array<image::Image, 2> made;
};

image::Box unite(const image::Box& a, const image::Box& b) {
  const int64_t top = std::min(a.top, b.top), left = std::min(a.left, b.left);
  return {top, left, std::max(a.top + a.height, b.top + b.height) - top,
          std::max(a.left + a.width, b.left + b.width) - left};
}

}  // namespace

Views::Views(std::vector<Pipeline> pipelines, image::Normaliser normalise,
             std::vector<image::SlabFormat> formats)
    : pipelines_(std::move(pipelines)),
      normalise_(std::move(normalise)),
      formats_(std::move(formats)) {
  check(!pipelines_.empty() && pipelines_.size() == formats_.size(), Kind::kBug,
        "{} pipelines for {} views", pipelines_.size(), formats_.size());
}

void Views::operator()(const image::Encoded& image, const image::SampleKey& key,
                       std::span<std::byte* const> into) const {
  thread_local Memory memory;
  memory.plans.resize(std::max(memory.plans.size(), pipelines_.size()));
  image::Box region;
  for (size_t v = 0; v < pipelines_.size(); ++v) {
    image::SampleKey of_view = key;
    of_view.view += v;
    pipelines_[v].draw(image.shape, of_view, memory.plans[v]);
    const image::Box own = memory.plans[v].region();
    region = v == 0 ? own : unite(region, own);
  }
  const image::Pixels pixels = image.decode(region, memory.decoded);
  for (size_t v = 0; v < pipelines_.size(); ++v) {
    image::Box own = memory.plans[v].region();
    own.top -= region.top;
    own.left -= region.left;
    normalise_(memory.plans[v].make(pixels.part(own), memory.made), formats_[v], into[v]);
  }
}

}  // namespace espalier::augment

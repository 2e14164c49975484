#include "augment/views.h"

#include <algorithm>
#include <array>
#include <utility>

#include "augment/call.h"
#include "core/error.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

struct Memory {
  std::vector<ViewPlan> plans;
  image::Image decoded;
  std::array<image::Image, 2> made;
  image::Image rgb, rgb_view;
};

bool is_widened(int64_t channels, const image::ViewShape& format) {
  return channels == 1 && format.channels == 3;
}

// The op that makes views of shape `made` become `wanted`.
std::string remedy(const image::ViewShape& made, const image::ViewShape& wanted) {
  if (made.channels == 3 && wanted.channels == 1) return "to_grey";
  if (made.channels != wanted.channels) return "";
  return fmt::format("resize({}, {})", wanted.height, wanted.width);
}

image::Box unite(const image::Box& a, const image::Box& b) {
  const int64_t top = std::min(a.top, b.top), left = std::min(a.left, b.left);
  return {top, left, std::max(a.top + a.height, b.top + b.height) - top,
          std::max(a.left + a.width, b.left + b.width) - left};
}

// In the pixels of an image reduced by `shrink`; never empty.
image::Box reduced(const image::Box& box, int64_t shrink) {
  const auto end = [&](int64_t first, int64_t size) {
    return (first + size + shrink - 1) / shrink;
  };
  const int64_t top = box.top / shrink, left = box.left / shrink;
  return {top, left, end(box.top, box.height) - top, end(box.left, box.width) - left};
}

}  // namespace

void require_fit(const Pipeline& pipeline, image::ViewShape stored, const image::ViewShape& wanted,
                 const std::string& data) {
  if (is_widened(stored.channels, wanted)) stored.channels = wanted.channels;
  image::ViewShape made = placed(data, [&] { return pipeline.output(stored); });
  if (is_widened(made.channels, wanted)) made.channels = wanted.channels;
  if (made == wanted) return;
  const std::string op = remedy(made, wanted);
  throw Error(Kind::kUsage,
              "{}: {} makes views of {} x {} x {} (channels, height, width; 0 = they differ), the "
              "network takes {} x {} x {}{}",
              data, pipeline.where(), made.channels, made.height, made.width, wanted.channels,
              wanted.height, wanted.width,
              op.empty() ? "" : fmt::format(" (try: {} at the end of {})", op, pipeline.where()));
}

Views::Views(std::vector<Pipeline> pipelines, image::Normaliser normalise,
             std::vector<image::SlabFormat> formats, bool scaled)
    : pipelines_(std::move(pipelines)),
      normalise_(std::move(normalise)),
      formats_(std::move(formats)),
      scaled_(scaled) {
  check(!pipelines_.empty() && pipelines_.size() == formats_.size(), Kind::kBug,
        "{} pipelines for {} views", pipelines_.size(), formats_.size());
  for (const image::SlabFormat& format : formats_) normalise_.check_channels(format.shape.channels);
}

void Views::operator()(const image::Encoded& image, const image::SampleKey& key,
                       std::span<std::byte* const> into) const {
  thread_local Memory memory;
  memory.plans.resize(std::max(memory.plans.size(), pipelines_.size()));
  const bool grey = is_widened(image.shape.channels, formats_[0].shape);
  image::ViewShape shape = image.shape;
  if (grey) shape.channels = 3;
  image::Box region;
  int shrink = scaled_ && image.codec == image::Codec::kJpeg ? 8 : 1;
  for (size_t v = 0; v < pipelines_.size(); ++v) {
    image::SampleKey of_view = key;
    of_view.view += v;
    ViewPlan& plan = memory.plans[v];
    pipelines_[v].draw(shape, of_view, plan);
    region = v == 0 ? plan.region() : unite(region, plan.region());
    shrink = std::min(shrink, plan.shrink());
  }
  region = reduced(region, shrink);
  image::Pixels pixels = shrink == 1 ? image.decode(region, memory.decoded)
                                     : image.decode_scaled(shrink, region, memory.decoded);
  if (grey) {
    image::to_rgb(pixels, memory.rgb);
    pixels = memory.rgb;
  }
  for (size_t v = 0; v < pipelines_.size(); ++v) {
    image::Box own = reduced(memory.plans[v].region(), shrink);
    own.top -= region.top;
    own.left -= region.left;
    image::Pixels view = memory.plans[v].make(pixels.part(own), memory.made);
    if (is_widened(view.channels, formats_[v].shape)) {
      image::to_rgb(view, memory.rgb_view);
      view = memory.rgb_view;
    }
    normalise_(view, formats_[v], into[v]);
  }
}

}  // namespace espalier::augment

#include "leaks/planted.h"

#include <algorithm>
#include <atomic>
#include <functional>

#include "core/random.h"
#include "image/resample.h"
#include "leaks/signature.h"
#include "pack/turbojpeg.h"
#include "shards/parallel.h"

namespace espalier::leaks {
namespace {

using image::Image;

constexpr int kQuality = 75;

Image resized(const image::Pixels& from, int64_t height, int64_t width) {
  Image to;
  image::resize(from, std::max<int64_t>(1, height), std::max<int64_t>(1, width),
                image::Filter::kBicubic, image::Passes::kPillow13, to);
  return to;
}

Image as_jpeg(const Image& image, int64_t) {
  if (image.channels != 1 && image.channels != 3) return image;
  return image::decode(pack::encode_jpeg(image, kQuality)).image;
}

Image reduced(const Image& image, int64_t) {
  return resized(resized(image, image.height * 3 / 4, image.width * 3 / 4), image.height,
                 image.width);
}

Image mirrored(const Image& image, int64_t) {
  Image result = image;
  for (int64_t y = 0; y < image.height; ++y)
    for (int64_t x = 0; x < image.width; ++x)
      std::copy_n(image.row(y) + x * image.channels, image.channels,
                  result.row(y) + (image.width - 1 - x) * image.channels);
  return result;
}

Image cropped(const Image& image, int64_t sample) {
  const int64_t rows = image.height / 16, columns = image.width / 16;
  Draw draw(0, "crop", {static_cast<uint64_t>(sample)});
  const image::Box box{draw.below(rows + 1), draw.below(columns + 1), image.height - rows,
                       image.width - columns};
  return resized(image::Pixels(image).part(box), image.height, image.width);
}

}  // namespace

const std::vector<CopyKind>& copy_kinds() {
  static const std::vector<CopyKind> kinds = {
      {"jpeg", as_jpeg}, {"reduced", reduced}, {"mirrored", mirrored}, {"cropped", cropped}};
  return kinds;
}

std::vector<Planted> plant(const data::Dataset& test, const data::Selection& selection,
                           const Search& search, int64_t threads) {
  std::vector<Planted> planted;
  for (const CopyKind& kind : copy_kinds()) {
    std::atomic<int64_t> found = 0;
    shards::parallel_for(std::ssize(selection), threads, [&](int64_t i) {
      const int64_t sample = selection[i];
      bool own = false;
      search.visit(thumbnail(kind.make(test.image(sample), sample)),
                   [&](const Reached& reached) { own = own || reached.test == sample; });
      found += own;
    });
    planted.push_back(
        {kind.name, static_cast<double>(found) / static_cast<double>(selection.size())});
  }
  return planted;
}

}  // namespace espalier::leaks

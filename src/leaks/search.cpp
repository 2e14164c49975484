#include "leaks/search.h"

#include <limits>

#include "leaks/signature.h"

namespace espalier::leaks {
namespace {

constexpr int64_t kFine = 16, kCoarse = 8;  // sides of signatures
constexpr double kChance = 0.05;            // near pairs by chance, of each comparison

}  // namespace

// A crop of either image, mirrored or not, is compared with the whole other: so many times the two
// ways that nearness() counts.
Search::Search(const std::vector<image::Image>& tests, const std::vector<image::Image>& drawn,
               int64_t images, int64_t threads)
    : crops_(crops()),
      fine_(nearness(tests, drawn, images, kFine, kChance, threads)),
      coarse_(nearness(tests, drawn, images, kCoarse,
                       kChance / (2 * static_cast<double>(crops_.size())), threads)),
      fine_whole_(tests, {whole()}, kFine, fine_.radius, threads),
      coarse_whole_(tests, {whole()}, kCoarse, coarse_.radius, threads),
      coarse_crops_(tests, crops_, kCoarse, coarse_.radius, threads) {}

void Search::look(const Gallery& gallery, bool cropped, std::vector<float> signature,
                  const std::function<void(const Reached&)>& found) const {
  const double side = cropped ? kCoarse : kFine;
  const std::vector<float>& radius = cropped ? coarse_.radius : fine_.radius;
  for (const bool mirrored : {false, true}) {
    if (mirrored) mirror(signature);
    gallery.reached(signature, [&](int64_t test, float distance) {
      found({test, distance / side, distance / radius[test], cropped});
    });
  }
}

void Search::visit(const image::Image& thumbnail,
                   const std::function<void(const Reached&)>& found) const {
  look(fine_whole_, false, signature(thumbnail, whole(), kFine), found);
  look(coarse_crops_, true, signature(thumbnail, whole(), kCoarse), found);
  for (const image::Box& box : crops_)
    look(coarse_whole_, true, signature(thumbnail, box, kCoarse), found);
}

double Search::usual(const Reached& found) const {
  return found.cropped ? coarse_.usual[found.test] / kCoarse : fine_.usual[found.test] / kFine;
}

double Search::expected() const {
  const double comparisons = (fine_.dimension > 0) + (coarse_.dimension > 0);
  return comparisons > 0 ? comparisons * kChance : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace espalier::leaks

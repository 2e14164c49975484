#include "leaks/gallery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "leaks/signature.h"
#include "pictures.h"

namespace espalier::leaks {
namespace {

using Reached = std::multiset<std::pair<int64_t, float>>;

struct Hung {
  explicit Hung(int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      thumbnails.push_back(thumbnail(picture(static_cast<uint64_t>(i), 12, 1)));
      radius.push_back(static_cast<float>(i % 7) * 60);  // some of none, some that reach many
    }
  }

  // The slow, obvious twin.
  Reached reached(const std::vector<float>& own, int64_t side) const {
    Reached found;
    for (size_t i = 0; i < thumbnails.size(); ++i)
      for (const image::Box& box : boxes) {
        const float distance = std::sqrt(squared_distance(own, signature(thumbnails[i], box, side),
                                                          std::numeric_limits<float>::max()));
        if (radius[i] > 0 && distance <= radius[i]) found.insert({i, distance});
      }
    return found;
  }

  std::vector<image::Image> thumbnails;
  std::vector<float> radius;
  std::vector<image::Box> boxes = crops();
};

TEST(Gallery, FindsWhatALookAtEveryoneFinds) {
  for (const int64_t count : {0, 1, 40, 300}) {
    const Hung hung(count);
    const Gallery gallery(hung.thumbnails, hung.boxes, 8, hung.radius, 2);
    size_t all = 0;
    for (uint64_t seed = 0; seed < 40; ++seed) {
      const auto own = signature(thumbnail(picture(seed + 20, 12, 1)), whole(), 8);
      Reached found;
      gallery.reached(own, [&](int64_t image, float distance) { found.insert({image, distance}); });
      EXPECT_EQ(found, hung.reached(own, 8));
      all += found.size();
    }
    if (count >= 300) EXPECT_GT(all, 500U);  // it is a question with answers
  }
}

}  // namespace
}  // namespace espalier::leaks

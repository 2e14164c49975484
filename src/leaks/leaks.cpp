#include "leaks/leaks.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <set>

#include "core/hash.h"
#include "core/stop_request.h"
#include "data/selection.h"
#include "leaks/search.h"
#include "leaks/signature.h"
#include "shards/parallel.h"

namespace espalier::leaks {
namespace {

constexpr int64_t kDrawn = 10'000;  // images of the other set that tell what is usual
constexpr int64_t kPlanted = 200;   // test images of which copies are planted

Sha256::Digest digest_of(const image::Image& image) {
  const int64_t shape[] = {image.height, image.width, image.channels};
  return Sha256()
      .update(shape, sizeof shape)
      .update(image.pixels.data(), image.pixels.size())
      .digest();
}

void each(const data::Dataset& set, const data::Selection& selection, int64_t threads,
          const std::function<void(int64_t, const image::Image&)>& visit) {
  shards::parallel_for(std::ssize(selection), threads, [&](int64_t i) {
    stop_request::throw_if_wanted("no leak was looked for to the end");
    visit(i, set.image(selection[i]));
  });
}

// What is kept of the test images.
struct Tests {
  Tests(const data::Dataset& test, int64_t threads) : thumbnails(test.size()) {
    std::vector<Sha256::Digest> digests(test.size());
    each(test, data::all(test.size()), threads, [&](int64_t i, const image::Image& image) {
      digests[i] = digest_of(image);
      thumbnails[i] = thumbnail(image);
    });
    for (size_t i = 0; i < digests.size(); ++i) by_content[digests[i]].push_back(i);
  }

  std::vector<image::Image> thumbnails;
  std::map<Sha256::Digest, std::vector<int64_t>> by_content;
};

// The nearest image of the other set to each test image; of equally near ones the first.
class Best {
 public:
  explicit Best(int64_t tests) : exact_(tests, -1), near_(tests) {}

  void equal(int64_t test, int64_t other) {
    const std::lock_guard lock(mutex_);
    if (exact_[test] < 0 || other < exact_[test]) exact_[test] = other;
  }

  void reached(const Reached& found, int64_t other) {
    const std::lock_guard lock(mutex_);
    Candidate& best = near_[found.test];
    if (std::tie(found.share, other) < std::tie(best.found.share, best.other))
      best = {found, other};
  }

  void into(const Search& search, Leaks& leaks) const {
    for (int64_t i = 0; i < std::ssize(exact_); ++i) {
      const auto& [found, other] = near_[i];
      if (exact_[i] >= 0)
        leaks.exact.push_back({i, exact_[i]});
      else if (other != kNone)
        leaks.near.push_back({i, other, found.distance, search.usual(found), found.cropped});
    }
    std::ranges::stable_sort(leaks.near, {},
                             [](const Pair& pair) { return pair.distance / pair.usual; });
  }

 private:
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  struct Candidate {
    Reached found = {.share = std::numeric_limits<double>::infinity()};
    int64_t other = kNone;
  };

  std::mutex mutex_;
  std::vector<int64_t> exact_;
  std::vector<Candidate> near_;
};

}  // namespace

void Leaks::add(Alike by_features) {
  std::set<int64_t> known;
  for (const auto* pairs : {&exact, &near})
    for (const Pair& pair : *pairs) known.insert(pair.test);
  std::erase_if(by_features.pairs, [&](const Pair& pair) { return known.contains(pair.test); });
  alike = std::move(by_features);
}

Leaks find_leaks(const data::Dataset& test, const data::Dataset& others, int64_t threads) {
  Leaks leaks{.test_images = test.size(), .images = others.size()};
  const Tests tests(test, threads);
  const data::Selection drawn = data::draw_some(data::all(others.size()), kDrawn, "leaks", 0);
  std::vector<image::Image> thumbnails(drawn.size());
  each(others, drawn, threads,
       [&](int64_t i, const image::Image& image) { thumbnails[i] = thumbnail(image); });
  const Search search(tests.thumbnails, thumbnails, others.size(), threads);
  Best best(test.size());
  each(others, data::all(others.size()), threads, [&](int64_t i, const image::Image& image) {
    if (const auto equal = tests.by_content.find(digest_of(image)); equal != tests.by_content.end())
      for (const int64_t one : equal->second) best.equal(one, i);
    search.visit(thumbnail(image), [&](const Reached& found) { best.reached(found, i); });
  });
  best.into(search, leaks);
  leaks.expected = search.expected();
  if (!std::isnan(leaks.expected))
    leaks.planted = plant(test, data::draw_some(data::all(test.size()), kPlanted, "planted", 0),
                          search, threads);
  return leaks;
}

}  // namespace espalier::leaks

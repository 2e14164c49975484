// Are images that a network is tested on among those that it was trained on?
//
//   const Leaks leaks = find_leaks(test, training, threads);
//   image::Image sheet = draw_pairs(leaks, test, training, 100);
//
// Exact: equal decoded pixels, by SHA-256. Near: nearer than images that differ come by chance
// (leaks/nearness.h), as re-encoded, resized, mirrored and slightly cropped copies are. What can be
// found depends on the data: where different images look as much alike as copies do, copies cannot
// be told from them. So copies are also planted, and the share of them that is found is part of the
// answer. A near pair is a claim about two pictures, to be looked at.
//
// The memory is that of the test images, about 8 kB each, and of 10,000 of the others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/jsonl.h"
#include "data/dataset.h"
#include "leaks/planted.h"

namespace espalier::leaks {

struct Pair {
  int64_t test = 0, other = 0;     // numbers of the images in their sets
  double distance = 0, usual = 0;  // grey levels, root mean square; both 0 of an exact pair
  bool cropped = false;            // they agree but for a crop
};

// What a network makes of images (transfer/leak_features.h): pairs whose features are as near as
// those of copies. `expected` and `planted` as below.
struct Alike {
  std::vector<Pair> pairs;  // distances are those of directions: sqrt(2 - 2 cosine)
  double expected = 0;
  std::vector<Planted> planted;
};

struct Leaks {
  int64_t test_images = 0, images = 0;  // that were compared
  // Each test image at most once, with what is nearest to it; the surest pairs first.
  std::vector<Pair> exact, near;
  // Near pairs by chance. NaN, and nothing planted, where the data are too few or too much alike to
  // tell what is near: then exact copies alone were looked for.
  double expected = 0;
  std::vector<Planted> planted;
  std::optional<Alike> alike = {};  // where features were looked at

  int64_t found() const {
    return std::ssize(exact) + std::ssize(near) + (alike ? std::ssize(alike->pairs) : 0);
  }
  // Those of test images that have no pair so far.
  void add(Alike by_features);
};

// Throws kStopped (core/stop_request.h) between two images.
Leaks find_leaks(const data::Dataset& test, const data::Dataset& others, int64_t threads);

// "images", "test_images", "exact": [{"test_key", "test", "key"}], "near": [{"test_key", "test",
// "key", "distance", "usual", "cropped"}], "expected_by_chance", "planted": {"jpeg": 1.0, ...}, and where features
// were looked at "alike": {"pairs": [{"test_key", "test", "key", "cosine", "usual_cosine"}],
// "expected_by_chance", "planted"}.
Json to_json(const Leaks& leaks, const data::Dataset& test, const data::Dataset& others);

// For people: how many of each, and what the search can find.
std::string summary(const Leaks& leaks);

// The first `most` pairs, exact ones first, alike ones last, three a row, each the test image and then the other.
// There is at least one.
image::Image draw_pairs(const Leaks& leaks, const data::Dataset& test, const data::Dataset& others,
                        int64_t most);

}  // namespace espalier::leaks

#include <nlohmann/json.hpp>

#include <cmath>

#include "core/clock.h"
#include "image/draw.h"
#include "leaks/leaks.h"

namespace espalier::leaks {
namespace {

// Of two directions at this distance.
double cosine(double distance) { return 1 - distance * distance / 2; }

Json planted_json(const std::vector<Planted>& planted) {
  Json json = Json::object();
  for (const Planted& one : planted) json[one.copy] = one.found;
  return json;
}

Json pairs_json(const std::vector<Pair>& pairs, const data::Dataset& test,
                const data::Dataset& others, bool by_features = false) {
  Json list = Json::array();
  for (const Pair& pair : pairs) {
    Json row = {
        {"test_key", test.key(pair.test)}, {"test", pair.test}, {"key", others.key(pair.other)}};
    if (by_features) {
      row["cosine"] = cosine(pair.distance);
      row["usual_cosine"] = cosine(pair.usual);
    } else if (pair.usual > 0) {
      row["distance"] = pair.distance;
      row["usual"] = pair.usual;
      row["cropped"] = pair.cropped;
    }
    list.push_back(std::move(row));
  }
  return list;
}

// Two and five channels are drawn as the first one.
image::Image drawable(const image::Image& image) {
  if (image.channels == 1 || image.channels == 3) return image;
  image::Image first(image.height, image.width, 1);
  for (size_t i = 0; i < first.pixels.size(); ++i)
    first.pixels[i] = image.pixels[i * static_cast<size_t>(image.channels)];
  return first;
}

std::string power_text(double expected, const std::vector<Planted>& planted) {
  if (std::isnan(expected))
    return "; near ones were not looked for: the images are too few or too much alike to tell what "
           "is near";
  std::string text =
      fmt::format(" ({:.1f} near ones expected by chance); of planted copies are found:", expected);
  for (size_t i = 0; i < planted.size(); ++i)
    text +=
        fmt::format("{} {} {:.0f} %", i > 0 ? "," : "", planted[i].copy, 100 * planted[i].found);
  return text;
}

}  // namespace

Json to_json(const Leaks& leaks, const data::Dataset& test, const data::Dataset& others) {
  Json json = {{"test_images", leaks.test_images},
               {"images", leaks.images},
               {"exact", pairs_json(leaks.exact, test, others)},
               {"near", pairs_json(leaks.near, test, others)},
               {"expected_by_chance", leaks.expected},
               {"planted", planted_json(leaks.planted)}};
  if (leaks.alike)
    json["alike"] = {{"pairs", pairs_json(leaks.alike->pairs, test, others, /*by_features=*/true)},
                     {"expected_by_chance", leaks.alike->expected},
                     {"planted", planted_json(leaks.alike->planted)}};
  return json;
}

std::string summary(const Leaks& leaks) {
  std::string text = fmt::format("{} test images against {}: {} exact and {} near copies",
                                 with_commas(leaks.test_images), with_commas(leaks.images),
                                 leaks.exact.size(), leaks.near.size());
  text += power_text(leaks.expected, leaks.planted);
  if (leaks.alike)
    text += fmt::format(". By features {} more{}", leaks.alike->pairs.size(),
                        power_text(leaks.alike->expected, leaks.alike->planted));
  return text;
}

image::Image draw_pairs(const Leaks& leaks, const data::Dataset& test, const data::Dataset& others,
                        int64_t most) {
  constexpr int64_t kPairsInARow = 3;
  std::vector<image::Image> images;
  std::vector<std::string> captions;
  const std::vector<Pair> none;
  for (const auto* pairs : {&leaks.exact, &leaks.near, leaks.alike ? &leaks.alike->pairs : &none})
    for (const Pair& pair : *pairs) {
      if (std::ssize(images) >= 2 * most) break;
      images.push_back(image::at_viewing_size(drawable(test.image(pair.test))));
      images.push_back(image::at_viewing_size(drawable(others.image(pair.other))));
      captions.push_back(test.key(pair.test));
      captions.push_back(others.key(pair.other));
    }
  const int64_t columns = std::min(2 * kPairsInARow, std::ssize(images));
  return image::contact_sheet(images, captions, columns);
}

}  // namespace espalier::leaks

#include "leaks/leaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "image/draw.h"
#include "image/resample.h"
#include "pack/turbojpeg.h"
#include "pictures.h"
#include "support/packed_set.h"

namespace espalier::leaks {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// Sets of different pictures, into which copies of test images are put.
class LeaksTest : public ::testing::Test {
 protected:
  LeaksTest() {
    for (uint64_t i = 0; i < 60; ++i) put("test", fmt::format("{}.png", i), picture(1000 + i));
    for (uint64_t i = 0; i < 200; ++i) put("others", fmt::format("o{}.png", i), picture(i));
  }

  void put(const std::string& set, const std::string& key, const image::Image& image) {
    write_bytes(temp_ / (set + "-images/" + key), image::encode_png(image));
  }
  void put_jpeg(const std::string& key, const image::Image& image) {
    write_bytes(temp_ / ("others-images/" + key), pack::encode_jpeg(image, 75));
  }

  Leaks find() {
    for (const std::string set : {"test", "others"})
      pack_images(temp_ / (set + "-images"), temp_ / set);
    return find_leaks(open("test"), open("others"), 2);
  }
  data::Dataset open(const std::string& set) { return data::Dataset::open(temp_ / set); }

  using Keys = std::vector<std::pair<std::string, std::string>>;
  Keys keys(const std::vector<Pair>& pairs) {
    const auto test = open("test"), others = open("others");
    Keys keys;
    for (const Pair& pair : pairs) keys.emplace_back(test.key(pair.test), others.key(pair.other));
    return keys;
  }

  TempDir temp_;
};

image::Image without_edges(const image::Image& image, int64_t missing) {
  image::Image result;
  image::resize(
      image::Pixels(image).part({1, missing - 1, image.height - missing, image.width - missing}),
      image.height, image.width, image::Filter::kBicubic, image::Passes::kPillow13, result);
  return result;
}

TEST_F(LeaksTest, DifferentPicturesAreNoCopies) {
  const Leaks leaks = find();
  EXPECT_EQ(leaks.found(), 0);
  EXPECT_EQ(leaks.test_images, 60);
  EXPECT_EQ(leaks.images, 200);
  EXPECT_NEAR(leaks.expected, 0.1, 1e-12);
}

TEST_F(LeaksTest, CopiesThatWerePutInAreFoundAndNoOthers) {
  put("others", "exact.png", picture(1003));
  put_jpeg("encoded.jpg", picture(1010));
  put("others", "mirrored.png", mirrored(picture(1020)));
  put_jpeg("mirrored and encoded.jpg", mirrored(picture(1030)));
  put("others", "cropped.png", without_edges(picture(1040), 2));
  image::Image large;
  image::resize(picture(1050), 77, 90, image::Filter::kBicubic, image::Passes::kPillow13, large);
  put("others", "larger.png", large);
  const Leaks leaks = find();
  EXPECT_THAT(keys(leaks.exact), UnorderedElementsAre(std::pair("3.png", "exact.png")));
  EXPECT_THAT(
      keys(leaks.near),
      UnorderedElementsAre(std::pair("10.png", "encoded.jpg"), std::pair("20.png", "mirrored.png"),
                           std::pair("30.png", "mirrored and encoded.jpg"),
                           std::pair("40.png", "cropped.png"), std::pair("50.png", "larger.png")));
  for (const Pair& pair : leaks.near) EXPECT_LT(pair.distance, pair.usual / 2);
  for (const Planted& planted : leaks.planted) EXPECT_GT(planted.found, 0.9) << planted.copy;
}

TEST_F(LeaksTest, TheAnswerNamesBothKeysAndIsDrawn) {
  put("others", "exact.png", picture(1003));
  put_jpeg("encoded.jpg", picture(1010));
  const Leaks leaks = find();
  const auto test = open("test"), others = open("others");
  const Json json = to_json(leaks, test, others);
  EXPECT_EQ(json["exact"][0]["test_key"], "3.png");
  EXPECT_EQ(test.key(json["exact"][0]["test"].get<int64_t>()), "3.png");
  EXPECT_EQ(json["exact"][0]["key"], "exact.png");
  EXPECT_EQ(json["near"][0]["test_key"], "10.png");
  EXPECT_EQ(json["near"][0]["key"], "encoded.jpg");
  EXPECT_FALSE(json["near"][0]["cropped"].get<bool>());
  EXPECT_THAT(summary(leaks), ::testing::HasSubstr("1 exact and 1 near copies"));
  const auto sheet = draw_pairs(leaks, test, others, 10);
  const auto one = draw_pairs(leaks, test, others, 1);
  EXPECT_EQ(one, image::contact_sheet({picture(1003), picture(1003)}, {"3.png", "exact.png"}, 2));
  EXPECT_GT(sheet.width, one.width);
}

TEST_F(LeaksTest, EqualImagesOfOneGreyAreExactCopiesAlone) {
  image::Image black(32, 32, 3);
  put("test", "black.png", black);
  for (int64_t i = 0; i < 12; ++i) put("others", fmt::format("black{}.png", i), black);
  const Leaks leaks = find();
  EXPECT_THAT(keys(leaks.exact),
              ElementsAre(::testing::Pair("black.png", ::testing::StartsWith("black"))));
  EXPECT_TRUE(leaks.near.empty());
}

TEST(Leaks, OfAFewImagesAreExactOnes) {
  TempDir temp;
  write_bytes(temp / "a/1.png", image::encode_png(picture(1)));
  write_bytes(temp / "a/2.png", image::encode_png(picture(2)));
  write_bytes(temp / "b/3.png", image::encode_png(picture(2)));
  write_bytes(temp / "b/4.jpg", pack::encode_jpeg(picture(1), 90));
  pack_images(temp / "a", temp / "test");
  pack_images(temp / "b", temp / "others");
  const Leaks leaks =
      find_leaks(data::Dataset::open(temp / "test"), data::Dataset::open(temp / "others"), 1);
  EXPECT_EQ(leaks.exact.size(), 1U);
  EXPECT_TRUE(leaks.near.empty());
  EXPECT_TRUE(std::isnan(leaks.expected));
  EXPECT_THAT(summary(leaks), ::testing::HasSubstr("near ones were not looked for"));
}

}  // namespace
}  // namespace espalier::leaks

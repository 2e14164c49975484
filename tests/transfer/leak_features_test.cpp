#include "transfer/leak_features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <nlohmann/json.hpp>

#include "leaks/pictures.h"
#include "transfer/transfer_support.h"

namespace espalier::transfer {
namespace {

using leaks::picture;

// Sets of different pictures, into which copies of test images are put, and a network whose filters
// are symmetric, so that it does not tell an image from the same upside down.
class Alike : public ::testing::Test {
 protected:
  Alike() {
    write_backbone(temp_ / "run", 5, conv_bn_of("[16, 32]"), {3, 32, 32});
    for (uint64_t i = 0; i < 60; ++i) put("test", fmt::format("{}.png", i), picture(1000 + i));
    for (uint64_t i = 0; i < 200; ++i) put("others", fmt::format("o{}.png", i), picture(i));
  }

  void put(const std::string& set, const std::string& key, const image::Image& image) {
    write_bytes(temp_ / (set + "-images/" + key), image::encode_png(image));
  }

  leaks::Leaks find() {
    for (const std::string set : {"test", "others"})
      pack_images(temp_ / (set + "-images"), temp_ / set);
    const auto model =
        engine::TrainedModel::of(engine::BackboneFile::open(temp_ / "run"), temp_ / "run");
    const torch::NoGradGuard no_grad;
    for (at::Tensor weight : model.backbone->parameters())
      if (weight.dim() == 4) weight.copy_((weight + weight.flip({2})) / 2);
    leaks::Leaks found = leaks::find_leaks(open("test"), open("others"), 2);
    found.add(find_alike(model, open("test"), open("others")));
    return found;
  }
  data::Dataset open(const std::string& set) { return data::Dataset::open(temp_ / set); }

  TempDir temp_;
};

image::Image upside_down(const image::Image& image) {
  image::Image result = image;
  for (int64_t y = 0; y < image.height; ++y)
    std::copy_n(image.row(image.height - 1 - y), image.width * image.channels, result.row(y));
  return result;
}

TEST_F(Alike, DifferentPicturesAreNot) {
  const leaks::Leaks found = find();
  EXPECT_EQ(found.found(), 0);
  ASSERT_TRUE(found.alike.has_value());
  EXPECT_EQ(found.alike->expected, 0.1);
}

TEST_F(Alike, CopiesThatPixelsDoNotTellAreFoundByFeaturesAndOthersNamedOnce) {
  put("others", "exact.png", picture(1003));
  put("others", "turned.png", upside_down(picture(1010)));
  const leaks::Leaks found = find();
  EXPECT_EQ(found.exact.size(), 1U);
  EXPECT_TRUE(found.near.empty());
  const auto test = open("test"), others = open("others");
  const Json json = leaks::to_json(found, test, others)["alike"];
  ASSERT_EQ(json["pairs"].size(), 1U) << json;
  EXPECT_EQ(json["pairs"][0]["test_key"], "10.png");
  EXPECT_EQ(json["pairs"][0]["key"], "turned.png");
  EXPECT_GT(json["pairs"][0]["cosine"], json["pairs"][0]["usual_cosine"]);
  EXPECT_GT(json["planted"]["jpeg"], 0.9) << json;
  EXPECT_THAT(leaks::summary(found), ::testing::HasSubstr("By features 1 more"));
  EXPECT_GT(leaks::draw_pairs(found, test, others, 10).width, 0);
}

}  // namespace
}  // namespace espalier::transfer

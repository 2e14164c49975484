#include "augment/views.h"

#include <gmock/gmock.h>

#include <thread>

#include "augment/recipe.h"
#include "core/error.h"
#include "image/codec.h"
#include "image/colour.h"
#include "image/support.h"

namespace espalier::augment {
namespace {

using image::Encoded;
using image::SampleKey;
using image::SlabFormat;
using testing::HasSubstr;

std::vector<uint8_t> photo_bytes(int64_t height, int64_t width) {
  return image::encode_png(image::noise(height, width, 3));
}

const image::Normaliser& normaliser() {
  static const image::Normaliser normalise(std::vector{0.5}, std::vector{0.25});
  return normalise;
}

// Makes colour views by any pipelines and keeps them.
std::vector<std::vector<std::byte>> views_of(const std::vector<Pipeline>& pipelines,
                                             const Encoded& image, const SampleKey& key,
                                             bool scaled = false) {
  std::vector<SlabFormat> formats;
  std::vector<std::vector<std::byte>> views;
  std::vector<std::byte*> into;
  for (const Pipeline& pipeline : pipelines) {
    formats.push_back({.shape = pipeline.output({3, image.shape.height, image.shape.width})});
    views.emplace_back(static_cast<size_t>(formats.back().bytes()));
  }
  for (auto& view : views) into.push_back(view.data());
  Views(pipelines, normaliser(), formats, scaled)(image, key, into);
  return views;
}

class EveryRecipe : public ::testing::TestWithParam<std::string> {
 protected:
  const std::vector<Pipeline> pipelines_ = parse_views({GetParam()}, "here");
  const std::vector<uint8_t> bytes_ = photo_bytes(71, 97);
  const Encoded image_ = {image::Codec::kPng, {3, 71, 97}, bytes_};
};

INSTANTIATE_TEST_SUITE_P(Recipes, EveryRecipe, ::testing::ValuesIn(Registry<Recipe>::names()),
                         [](const auto& test) { return test.param; });

// The slow twin: each view of the whole image, by itself.
TEST_P(EveryRecipe, DecodingTheUnionOfTheBoxesGivesTheViewsOfTheWholeImage) {
  const image::Image whole = image::decode(bytes_).image;
  for (uint64_t sample = 0; sample < 5; ++sample) {
    const SampleKey key = {.seed = 3, .epoch = 1, .sample = sample};
    const auto views = views_of(pipelines_, image_, key);
    for (size_t v = 0; v < pipelines_.size(); ++v) {
      SampleKey own = key;
      own.view = v;
      const image::Image view = pipelines_[v].apply(whole, own);
      std::vector<std::byte> expected(views[v].size());
      normaliser()(view, {.shape = {3, view.height, view.width}}, expected.data());
      EXPECT_TRUE(views[v] == expected) << "sample " << sample << ", view " << v;
    }
  }
}

TEST_P(EveryRecipe, SpelledOutItMakesTheSamePixels) {
  const image::Image whole = image::decode(bytes_).image;
  for (uint64_t sample = 0; sample < 20; ++sample) {
    const SampleKey key = {.seed = 4, .epoch = 0, .sample = sample};
    const Pipeline& pipeline = pipelines_[sample % pipelines_.size()];
    ViewPlan plan;
    pipeline.draw(image_.shape, key, plan);
    const Pipeline spelled = Pipeline::parse(plan.spelled(), "spelled");
    EXPECT_EQ(spelled.apply(whole, {.seed = 99}), pipeline.apply(whole, key)) << plan.spelled();
  }
}

TEST_P(EveryRecipe, ThreadsDoNotChangeAPixel) {
  constexpr uint64_t kSamples = 12;
  std::vector<std::vector<std::vector<std::byte>>> alone(kSamples), together(kSamples);
  const auto make = [&](uint64_t s) { return views_of(pipelines_, image_, {.sample = s}); };
  for (uint64_t s = 0; s < kSamples; ++s) alone[s] = make(s);
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t s = t; s < kSamples; s += 3) together[s] = make(s);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(alone == together);
}

TEST_P(EveryRecipe, GreyImageGivesTheBitsOfThreeEqualChannels) {
  const image::Image whole = image::decode(bytes_).image;
  image::Image grey(whole.height, whole.width, 1), rgb;
  for (size_t i = 0; i < grey.pixels.size(); ++i) grey.pixels[i] = whole.pixels[3 * i];
  image::to_rgb(grey, rgb);
  const Encoded one = {image::Codec::kRaw, {1, grey.height, grey.width}, grey.pixels};
  const Encoded three = {image::Codec::kRaw, {3, grey.height, grey.width}, rgb.pixels};
  for (uint64_t s = 0; s < 6; ++s) {
    EXPECT_TRUE(views_of(pipelines_, one, {.sample = s}) ==
                views_of(pipelines_, three, {.sample = s}));
  }
}

TEST(Recipe, StandsInThePlaceOfPipelinesWithOptions) {
  const auto views = parse_views({"byol(size=48)"}, "here");
  ASSERT_EQ(views.size(), 2u);
  EXPECT_EQ(views[1].output({3, 375, 500}), (image::ViewShape{3, 48, 48}));
  EXPECT_EQ(parse_views({"dino(small=20, count=3)"}, "here").size(), 5u);
  EXPECT_EQ(parse_views({"flip", "grey"}, "here").size(), 2u);
}

TEST(Recipe, ErrorSaysWhatANameMayBeMeantFor) {
  const auto error = [](const std::vector<std::string>& texts) -> std::string {
    try {
      parse_views(texts, "augment.views");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(error({"byol(side=48)"}), HasSubstr("augment.views: 'byol.side=48'"));
  EXPECT_THAT(error({"bjol"}), HasSubstr("op or recipe named 'bjol'; did you mean 'byol'?"));
  EXPECT_THAT(error({"flup"}), HasSubstr("'flip'"));
  EXPECT_THAT(error({"quite_another"}), HasSubstr("try: espalier list op"));
  EXPECT_THAT(error({"byol | flip"}), HasSubstr("'byol' is a recipe, not an op"));
  EXPECT_THAT(error({"byol", "flip"}), HasSubstr("'byol' is a recipe, not an op"));
  EXPECT_THAT(error({"dino(count=9223372036854775807)"}), HasSubstr("from 0 to 100"));
}

TEST(Views, AGreyViewIsThreeEqualChannelsWhereTheNetworkHasThree) {
  const image::Image rgb = image::noise(20, 24, 3);
  const Encoded colour = {image::Codec::kRaw, {3, 20, 24}, rgb.pixels};
  image::Image grey;
  image::take_colours_out(rgb, grey);
  const Encoded expected = {image::Codec::kRaw, {3, 20, 24}, grey.pixels};
  for (const char* text : {"to_grey", "to_grey | crop(2, 3, 9, 9)", "to_grey | to_rgb"}) {
    const std::string rest =
        std::string(text).find("crop") == std::string::npos ? "" : "crop(2, 3, 9, 9)";
    const std::vector<Pipeline> taken = {Pipeline::parse(text, "")};
    const image::ViewShape shape = Pipeline::parse(rest, "").output({3, 20, 24});
    std::vector<std::byte> view(static_cast<size_t>(SlabFormat{.shape = shape}.bytes()));
    std::byte* into = view.data();
    Views(taken, normaliser(), {{.shape = shape}})(colour, {}, {&into, 1});
    EXPECT_TRUE(view == views_of({Pipeline::parse(rest, "")}, expected, {})[0]) << text;
  }
}

TEST(Fit, GreyFitsAColourNetworkAndColourFitsAGreyOneThroughToGrey) {
  const auto refusal = [](const char* ops, image::ViewShape stored, image::ViewShape wanted) {
    try {
      require_fit(Pipeline::parse(ops, "augment.evaluate"), stored, wanted, "data.test");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage);
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal("", {1, 8, 8}, {3, 8, 8}), "");
  EXPECT_EQ(refusal("erase(0, 0, 1, 1, [1, 2, 3])", {1, 8, 8}, {3, 8, 8}), "");
  EXPECT_EQ(refusal("to_grey", {3, 8, 8}, {1, 8, 8}), "");
  EXPECT_EQ(refusal("to_grey", {3, 8, 8}, {3, 8, 8}), "");
  EXPECT_EQ(refusal("to_grey", {1, 8, 8}, {1, 8, 8}), "");
  EXPECT_THAT(refusal("flip", {3, 8, 8}, {1, 8, 8}),
              testing::AllOf(HasSubstr("data.test"),
                             HasSubstr("try: to_grey at the end of augment.evaluate")));
  EXPECT_THAT(refusal("", {3, 0, 0}, {3, 8, 8}), HasSubstr("try: resize(8, 8) at the end of"));
  EXPECT_THAT(refusal("", {4, 8, 8}, {3, 8, 8}), HasSubstr("4 x 8 x 8"));
}

// Also by ops that tell the channels apart, in a set that has both.
TEST(Views, GreyImageAmongColourOnesIsErasedInColour) {
  const image::Image grey = image::noise(20, 20, 1);
  image::Image rgb;
  image::to_rgb(grey, rgb);
  const Encoded one = {image::Codec::kRaw, {1, 20, 20}, grey.pixels};
  const Encoded three = {image::Codec::kRaw, {3, 20, 20}, rgb.pixels};
  for (const char* text : {"patch_mask(4, 0.5, [9, 8, 7])", "hue(0.3, yiq) | erase(1, 1, 9, 9)",
                           "random_erasing(0.5, value=[1, 200, 3]) | equalize"}) {
    const std::vector<Pipeline> pipelines = {Pipeline::parse(text, "")};
    EXPECT_TRUE(views_of(pipelines, one, {}) == views_of(pipelines, three, {})) << text;
  }
}

TEST(Views, NumbersForOtherChannelsAreRefusedBeforeAnyImage) {
  const image::Normaliser two(std::vector{0.5, 0.5}, std::vector{0.25});
  EXPECT_THROW(Views({Pipeline::parse("centre_crop(8)", "")}, two, {{.shape = {3, 8, 8}}}), Error);
}

TEST(Views, RawPixelsAreUsedWhereTheyLie) {
  const image::Image whole = image::decode(photo_bytes(32, 32)).image;
  const std::vector<Pipeline> pipelines = {Pipeline::parse("padded_crop(32, 4) | flip(p=0.5)", "")};
  const Encoded raw = {image::Codec::kRaw, {3, 32, 32}, whole.pixels};
  const std::vector<uint8_t> png = image::encode_png(whole);
  const Encoded encoded = {image::Codec::kPng, {3, 32, 32}, png};
  for (uint64_t s = 0; s < 10; ++s) {
    EXPECT_TRUE(views_of(pipelines, raw, {.sample = s}) ==
                views_of(pipelines, encoded, {.sample = s}));
  }
}

TEST(Views, ScaledDecodingIsNearTheExactOneWhereViewsAreSmall) {
  const std::vector<uint8_t> bytes = image::fixture("photo.jpg");
  const image::Header header = image::read_header(bytes);
  const Encoded photo = {
      image::Codec::kJpeg, {header.channels, header.height, header.width}, bytes};
  const auto difference = [&](const std::string& text) {
    const std::vector<Pipeline> pipelines = {Pipeline::parse(text, "")};
    double sum = 0;
    const auto exact = views_of(pipelines, photo, {.sample = 1});
    const auto scaled = views_of(pipelines, photo, {.sample = 1}, /*scaled=*/true);
    const auto* a = reinterpret_cast<const float*>(exact[0].data());
    const auto* b = reinterpret_cast<const float*>(scaled[0].data());
    const size_t count = exact[0].size() / sizeof(float);
    for (size_t i = 0; i < count; ++i) sum += std::abs(a[i] - b[i]);
    return sum / static_cast<double>(count);
  };
  const double small = difference("random_resized_crop(24, scale=[0.9, 1])");
  EXPECT_GT(small, 0);
  EXPECT_LT(small, 0.08);  // 5 of 255 levels, in units of std = 0.25
  EXPECT_EQ(difference("random_resized_crop(1000)"), 0);
  EXPECT_EQ(difference("centre_crop(24)"), 0);
}

TEST(Views, DamageIsAnErrorAndTheNextImageIsMade) {
  const std::vector<Pipeline> pipelines = {Pipeline::parse("centre_crop(16)", "")};
  std::vector<uint8_t> bytes = photo_bytes(32, 32);
  const auto good = views_of(pipelines, {image::Codec::kPng, {3, 32, 32}, bytes}, {});
  std::vector<uint8_t> torn(bytes.begin(), bytes.begin() + 100);
  EXPECT_THROW(views_of(pipelines, {image::Codec::kPng, {3, 32, 32}, torn}, {}), Error);
  EXPECT_THROW(views_of(pipelines, {image::Codec::kPng, {3, 31, 32}, bytes}, {}), Error);
  EXPECT_TRUE(views_of(pipelines, {image::Codec::kPng, {3, 32, 32}, bytes}, {}) == good);
}

}  // namespace
}  // namespace espalier::augment

#include "augment/pipeline.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "core/error.h"
#include "image/support.h"

namespace espalier::augment {
namespace {

using image::Image;
using image::SampleKey;
using image::ViewShape;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kRecipe =
    "random_resized_crop(24, scale=[0.2, 1]) | flip(p=0.5) | colour_jitter(0.4, 0.4, 0.2, 0.1, "
    "p=0.8) | "
    "grey(p=0.2) | rotate90";

Image photo() { return image::noise(37, 51, 3); }

std::string usage_error(const std::string& text) {
  try {
    Pipeline::parse(text, "augment.views");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kUsage);
    return error.what();
  }
  return "no error";
}

TEST(Pipeline, EmptyTextIsTheIdentity) {
  const Pipeline pipeline = Pipeline::parse("  ", "here");
  EXPECT_EQ(pipeline.text(), "");
  EXPECT_EQ(pipeline.apply(photo(), {}), photo());
  EXPECT_EQ(pipeline.output({3, 37, 51}), (ViewShape{3, 37, 51}));
}

TEST(Pipeline, TextIsCompleteAndParsesToTheSame) {
  const Pipeline pipeline = Pipeline::parse("padded_crop(28, padding=2)|flip(p=0.5)", "here");
  EXPECT_EQ(pipeline.text(), "padded_crop(size=28, padding=2) | flip(p=0.5)");
  const Pipeline recipe = Pipeline::parse(kRecipe, "here");
  const Pipeline again = Pipeline::parse(recipe.text(), "here");
  EXPECT_EQ(again.text(), recipe.text());
  EXPECT_EQ(again.apply(photo(), {.seed = 3}), recipe.apply(photo(), {.seed = 3}));
}

TEST(Pipeline, ErrorNamesThePlaceTheValueAndTheNearestName) {
  EXPECT_THAT(usage_error("flup(p=0.5)"),
              AllOf(HasSubstr("augment.views"), HasSubstr("flup"), HasSubstr("'flip'")));
  EXPECT_THAT(usage_error("random_resized_crop(scal=[0.1, 1])"),
              AllOf(HasSubstr("scal"), HasSubstr("'scale'")));
  EXPECT_THAT(usage_error("flip(p=1.5)"), HasSubstr("1.5"));
  EXPECT_THAT(usage_error("flip(p=often)"), HasSubstr("often"));
  EXPECT_THAT(usage_error("resize(32, 32, cubic)"), HasSubstr("bicubic"));
  EXPECT_THAT(usage_error("flip(0.5, 2)"), HasSubstr("one too many"));
  EXPECT_THAT(usage_error("flip(0.5, p=1)"), HasSubstr("p is given a second time"));
  EXPECT_THAT(usage_error("resize(height=3, 4)"), HasSubstr("no name"));
  EXPECT_THAT(usage_error("resize(3,,bicubic)"), HasSubstr("empty argument"));
  EXPECT_THAT(usage_error("flip | "), HasSubstr("not an op"));
  EXPECT_THAT(usage_error("flip(p=0.5"), HasSubstr("')'"));
  EXPECT_THAT(usage_error("random_resized_crop(32, scale=[1, 0.2])"), HasSubstr("scale"));
  EXPECT_THAT(usage_error("random_resized_crop(32, ratio=[1])"), HasSubstr("ratio is [1]"));
  EXPECT_THAT(usage_error("rotate([5, 1])"), HasSubstr("degrees is [5, 1]"));
  EXPECT_THAT(usage_error("blur([0, 1], kernel=3)"), HasSubstr("sigma is 0"));
  EXPECT_THAT(usage_error("erase(0, 0, 1, 1, [])"), HasSubstr("0 values"));
}

TEST(Pipeline, NumbersThatCannotBeComputedWithAreRefused) {
  for (const char* text :
       {"brightness(inf)", "colour_jitter(nan)", "blur(inf)", "rotate(inf)", "resize(2000000, 1)",
        "crop(9223372036854775807, 0, 5, 5)", "erase(0, -9000000000, 1, 1)",
        "padded_crop(32, 9000000000)", "patch_mask(9223372036854775807)",
        "random_erasing(1, ratio=[1, 1e300])"}) {
    EXPECT_THAT(usage_error(text),
                testing::AnyOf(HasSubstr("must be from"), HasSubstr("must be a finite number")))
        << text;
  }
}

TEST(Pipeline, ErrorOfAShapeNamesThePlaceToo) {
  const auto error = [](const std::string& text, ViewShape in) -> std::string {
    try {
      Pipeline::parse(text, "augment.views").output(in);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(error("padded_crop(64, 4)", {3, 37, 51}), HasSubstr("augment.views: padded_crop"));
  EXPECT_THAT(error("resize(20000, 20000)", {3, 0, 0}), HasSubstr("20000 x 20000 px, the limit"));
  EXPECT_THAT(error("resize_shorter(1000000)", {3, 1, 90'000'000}), HasSubstr("the limit"));
  EXPECT_THAT(error("blur(1, kernel=99)", {3, 37, 51}), HasSubstr("at most 73"));
  EXPECT_THAT(error("erase(0, 0, 1, 1, [1, 2, 3])", {1, 9, 9}), HasSubstr("(it takes: 3)"));
  EXPECT_THAT(error("hue(0.1)", {4, 37, 51}), HasSubstr("4 channels"));
}

TEST(Pipeline, ViewThatIsKnownToBeTooLargeOnlyWhenDrawnIsRefusedThen) {
  const Pipeline pipeline = Pipeline::parse("resize_shorter(256)", "augment.views");
  EXPECT_EQ(pipeline.output({3, 0, 0}), (ViewShape{3, 0, 0}));
  ViewPlan plan;
  pipeline.draw({3, 1, 1000}, {}, plan);
  EXPECT_THROW(pipeline.draw({3, 1, 60'000}, {}, plan), Error);
}

TEST(Pipeline, ShapeIsKnownBeforeAnyPixel) {
  EXPECT_EQ(Pipeline::parse(kRecipe, "here").output({3, 0, 0}), (ViewShape{3, 24, 24}));
  EXPECT_EQ(Pipeline::parse("resize(40, 30) | rotate90(1)", "here").output({1, 9, 9}),
            (ViewShape{1, 30, 40}));
  EXPECT_THROW(Pipeline::parse("rotate90", "here").output({3, 37, 51}), Error);
}

TEST(Pipeline, ViewHasTheShapeThatWasPromised) {
  for (const std::string& name : Registry<Op>::names()) {
    const Pipeline pipeline = Pipeline::parse(name, "here");
    Image square;
    image::crop(photo(), {0, 0, 37, 37}, square);
    const ViewShape shape = pipeline.output({3, 37, 37});
    for (uint64_t sample = 0; sample < 8; ++sample) {
      const Image view = pipeline.apply(square, {.sample = sample});
      EXPECT_EQ((ViewShape{view.channels, view.height, view.width}), shape) << name;
    }
  }
}

TEST(DrawLaw, ViewDependsOnItsKeyAlone) {
  const Pipeline pipeline = Pipeline::parse(kRecipe, "here");
  constexpr uint64_t kSamples = 40;
  std::vector<Image> forward(kSamples), backward(kSamples);
  std::thread other([&] {
    for (uint64_t s = kSamples; s-- > 0;)
      backward[s] = pipeline.apply(photo(), {.seed = 1, .sample = s});
  });
  for (uint64_t s = 0; s < kSamples; ++s)
    forward[s] = pipeline.apply(photo(), {.seed = 1, .sample = s});
  other.join();
  EXPECT_EQ(forward, backward);
}

TEST(DrawLaw, APipelineIsRandomExactlyWhereKeysMakeDifferentViews) {
  const Image square = image::noise(40, 40, 3);
  std::vector<std::string> texts = {
      "",           "flip | resize(8, 8)", "flip(0)", "rotate(15)",
      "flip(0.5)",  "rotate([-5, 5])",     kRecipe,   "padded_crop(40, padding=0)",
      "solarize(9)"};
  for (const std::string& name : Registry<Op>::names()) texts.push_back(name);
  int random = 0;
  for (const std::string& text : texts) {
    const Pipeline pipeline = Pipeline::parse(text, "here");
    std::set<std::vector<uint8_t>> views;
    for (uint64_t epoch = 0; epoch < 60; ++epoch)
      views.insert(pipeline.apply(square, {.epoch = epoch}).pixels);
    EXPECT_EQ(pipeline.is_random({3, 40, 40}), views.size() > 1) << text;
    random += views.size() > 1;
  }
  EXPECT_GT(random, 5);
  EXPECT_LT(random, static_cast<int>(texts.size()) - 5);
}

TEST(DrawLaw, EveryPartOfTheKeyCounts) {
  const Pipeline pipeline = Pipeline::parse("random_resized_crop(16)", "here");
  std::set<std::vector<uint8_t>> views;
  for (const SampleKey& key : {SampleKey{1, 1, 1, 1}, SampleKey{2, 1, 1, 1}, SampleKey{1, 2, 1, 1},
                               SampleKey{1, 1, 2, 1}, SampleKey{1, 1, 1, 2}}) {
    views.insert(pipeline.apply(photo(), key).pixels);
  }
  EXPECT_EQ(views.size(), 5u);
}

TEST(DrawLaw, WhatOneOpDrawsIsFreeOfTheOpsBeforeIt) {
  const Pipeline alone = Pipeline::parse("flip(0) | random_resized_crop(16)", "here");
  const Pipeline after =
      Pipeline::parse("colour_jitter(0, 0, 0, 0) | random_resized_crop(16)", "here");
  EXPECT_EQ(alone.apply(photo(), {.seed = 5}), after.apply(photo(), {.seed = 5}));
}

}  // namespace
}  // namespace espalier::augment

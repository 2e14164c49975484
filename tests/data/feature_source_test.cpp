#include "data/feature_source.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "data/loader.h"
#include "support/packed_set.h"

namespace espalier::data {
namespace {

const image::SlabFormat kFeatures = {.shape = {3, 1, 2}}, kImages = {.shape = {3, 4, 4}};

void write(std::span<const int64_t> samples, std::byte* into) {
  auto* values = reinterpret_cast<float*>(into);
  for (const int64_t sample : samples)
    for (int64_t i = 0; i < kFeatures.shape.values(); ++i)
      *values++ = static_cast<float>(100 * sample + i);
}

class FeaturesOfASet : public ::testing::Test {
 protected:
  void SetUp() override {
    write_classes(temp_ / "images", 7, 4);  // 21 samples
    pack_images(temp_ / "images", temp_ / "packed");
  }
  LoaderPlan plan(const image::SlabFormat& view) const {
    return {.first_position = 4, .batch = 10, .begin = 2, .end = 9, .steps = 6, .views = {view}};
  }

  TempDir temp_;
};

TEST_F(FeaturesOfASet, ComeInTheBatchesInWhichALoaderGivesTheImages) {
  const Dataset dataset = Dataset::open(temp_ / "packed");
  const Selection selection = {0, 2, 3, 5, 7, 8, 9, 12, 14, 15, 18, 20};
  FeatureSource source(dataset, Order(selection, 5), plan(kFeatures), write);
  Loader loader(dataset, Order(selection, 5), plan(kImages),
                [](const image::Encoded&, const image::SampleKey&, std::span<std::byte* const>) {},
                {});
  for (int64_t step = 0; step < 6; ++step) {
    image::Batch features = source.next();
    const image::Batch images = loader.next();
    EXPECT_EQ(features.position, images.position);
    EXPECT_EQ(features.samples, images.samples);
    EXPECT_EQ(features.epochs, images.epochs);
    EXPECT_EQ(features.labels, images.labels);
    ASSERT_EQ(features.views.size(), 1);
    EXPECT_EQ(features.views[0].format, kFeatures);
    ASSERT_EQ(features.views[0].bytes.size(), 7 * 6 * sizeof(float));
    const auto* values = reinterpret_cast<const float*>(features.views[0].bytes.data());
    for (int64_t i = 0; i < 7; ++i)
      EXPECT_EQ(values[6 * i + 5], static_cast<float>(100 * features.samples[i] + 5));
    if (step % 2 == 0) source.recycle(std::move(features));
  }
}

TEST_F(FeaturesOfASet, ABatchLargerThanTheSelectionIsRefused) {
  const Dataset dataset = Dataset::open(temp_ / "packed");
  EXPECT_THROW(FeatureSource(dataset, Order({1, 2, 3}, 5), plan(kFeatures), write), Error);
}

}  // namespace
}  // namespace espalier::data

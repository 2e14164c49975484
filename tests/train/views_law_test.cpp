// Laws 1 and 2 through reader, order, loader and every recipe: what a sample's views are depends on
// (seed, epoch, sample, view) and on nothing else.
#include <gtest/gtest.h>

#include "augment/recipe.h"
#include "augment/views.h"
#include "data/loader.h"
#include "support/packed_set.h"

namespace espalier::train {
namespace {

constexpr int64_t kSamples = 11, kBatch = 6, kSteps = 5;  // 30 positions: into the third epoch

class EveryRecipe : public ::testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    temp_ = std::make_unique<TempDir>();
    for (int64_t i = 0; i < kSamples; ++i) {
      write_bytes(*temp_ / "images" / fmt::format("{:02d}.png", i),
                  image::encode_png(noise_image(static_cast<uint64_t>(i), 40 + i, 52 - i, 3)));
    }
    pack::PackOptions options;
    options.storage = pack::Storage::kEncoded;
    pack_images(*temp_ / "images", *temp_ / "packed", options);
  }
  static void TearDownTestSuite() { temp_.reset(); }

  // Steps [first, last) as `ranks` ranks of `threads` threads load them: by step, view and sample.
  std::vector<std::vector<std::byte>> load(int64_t first, int64_t last, int64_t ranks,
                                           int64_t threads) const {
    const data::Dataset dataset = data::Dataset::open(*temp_ / "packed");
    const auto pipelines = augment::parse_views({GetParam()}, "here");
    std::vector<image::SlabFormat> formats;
    for (const auto& pipeline : pipelines) {
      formats.push_back({.shape = pipeline.output(dataset.common_shape())});
    }
    const augment::Views views(pipelines, {std::vector{0.5}, std::vector{0.25}}, formats);
    std::vector<std::vector<std::byte>> loaded(static_cast<size_t>((last - first) * kBatch) *
                                               formats.size());
    for (int64_t rank = 0; rank < ranks; ++rank) {
      const data::LoaderPlan plan = {.seed = 5,
                                     .first_position = static_cast<uint64_t>(first * kBatch),
                                     .batch = kBatch,
                                     .begin = rank * kBatch / ranks,
                                     .end = (rank + 1) * kBatch / ranks,
                                     .steps = last - first,
                                     .views = formats};
      data::Loader loader(dataset, data::Order(data::all(kSamples), 5), plan, views,
                          {.threads = threads});
      for (int64_t step = 0; step < last - first; ++step) {
        const image::Batch batch = loader.next();
        for (size_t v = 0; v < formats.size(); ++v) {
          for (int64_t i = 0; i < batch.size(); ++i) {
            const std::byte* sample = batch.views[v].sample(i);
            loaded[static_cast<size_t>(step * kBatch + plan.begin + i) * formats.size() + v].assign(
                sample, sample + formats[v].bytes());
          }
        }
      }
    }
    return loaded;
  }

  static inline std::unique_ptr<TempDir> temp_;
};

INSTANTIATE_TEST_SUITE_P(Recipes, EveryRecipe,
                         ::testing::ValuesIn(Registry<augment::Recipe>::names()),
                         [](const auto& test) { return test.param; });

TEST_P(EveryRecipe, PixelsAreTheSameOnAnyRanksAndThreadsAndAfterAResume) {
  const auto expected = load(0, kSteps, /*ranks=*/1, /*threads=*/1);
  EXPECT_TRUE(load(0, kSteps, 2, 3) == expected);
  EXPECT_TRUE(load(0, kSteps, 3, 8) == expected);
  EXPECT_TRUE(load(0, kSteps, 1, 2) == expected);
  const auto resumed = load(3, kSteps, 2, 1);
  EXPECT_TRUE(std::equal(resumed.rbegin(), resumed.rend(), expected.rbegin()));
}

}  // namespace
}  // namespace espalier::train

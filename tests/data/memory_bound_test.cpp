#include "data/memory_bound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstring>

#include "core/error.h"
#include "core/memory.h"
#include "support/packed_set.h"

namespace espalier::data {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A sanitizer holds a shadow of all memory and keeps what was freed.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int64_t kShadow = 20;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
constexpr int64_t kShadow = 20;
#else
constexpr int64_t kShadow = 1;
#endif
#else
constexpr int64_t kShadow = 1;
#endif

// 96 raw images of 48 x 48, walked in blocks of 8.
class Bounded : public ::testing::Test {
 protected:
  void SetUp() override {
    // Batches come from the system and go back to it: what an earlier loader left to the allocator
    // is neither counted nor used.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    write_classes(temp_ / "images", 32, 48);
    pack_images(temp_ / "images", folder_, {.shard_size = 200'000});
    shards::Index index = shards::read_index(folder_);
    index.facts.order = {.block = 8, .streams = 3, .run = 4, .window = 2};
    shards::write_index(folder_ / shards::kIndexName, index);
  }

  TempDir temp_;
  std::filesystem::path folder_ = temp_ / "packed";
  const LoaderPlan plan_ = {.seed = 1,
                            .batch = 24,
                            .begin = 0,
                            .end = 24,
                            .steps = 40,
                            .views = {{.shape = {3, 224, 224}}, {.shape = {3, 96, 96}}}};
  const LoaderOptions options_ = {.threads = 3, .depth = 3};
};

TEST_F(Bounded, IsNeverExceeded) {
  for (const ReadMode mode : {ReadMode::kSample, ReadMode::kBlock}) {
    reset_peak_memory();
    const int64_t before = resident_memory();
    const Dataset dataset = Dataset::open(folder_, {.read = mode}, {24, 0, 24});
    Order order = Order::of_all(dataset.size(), 1, dataset.order());
    const MemoryBound bound = memory_bound(dataset, order, plan_, options_);
    const auto write_all = [&](const image::Encoded& image, const image::SampleKey&,
                               std::span<std::byte* const> into) {
      for (size_t v = 0; v < into.size(); ++v) {
        std::memset(into[v], image.bytes[0], static_cast<size_t>(plan_.views[v].bytes()));
      }
    };
    Loader loader(dataset, std::move(order), plan_, write_all, options_);
    for (int64_t step = 0; step < plan_.steps; ++step) loader.recycle(loader.next());
    EXPECT_LE(peak_memory() - before, bound.total() * kShadow)
        << name_of(mode) << ' ' << bound.text();
    EXPECT_GT(bound.total(), 60'000'000);  // four batches of 24 such samples
    EXPECT_LT(bound.total(), 80'000'000);  // and not much else
  }
}

TEST_F(Bounded, IsEnforcedWithTheNumbers) {
  const Dataset dataset = Dataset::open(folder_);
  const MemoryBound bound =
      memory_bound(dataset, Order::of_all(dataset.size(), 1, dataset.order()), plan_, options_);
  EXPECT_NO_THROW(require_memory(bound, 0, bound.total()));
  EXPECT_NO_THROW(require_memory(bound, bound.total(), bound.total()));
  EXPECT_THAT(error_of(Kind::kUsage, [&] { require_memory(bound, 10'000'000, bound.total()); }),
              AllOf(HasSubstr(bound.text()), HasSubstr("10 MB")));
}

TEST_F(Bounded, BlocksAreThoseOfTheStreamsThatAShareReads) {
  const shards::OrderFacts order{.block = 64};
  EXPECT_EQ(blocks_held(order, {}), 65 * 4);
  EXPECT_EQ(blocks_held(order, {512, 0, 512}), 65 * 4);
  EXPECT_EQ(blocks_held(order, {512, 0, 64}), 10 * 4);  // 8 streams, one begun, one turning over
}

}  // namespace
}  // namespace espalier::data

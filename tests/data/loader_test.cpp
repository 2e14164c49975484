#include "data/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "core/error.h"
#include "core/random.h"
#include "shards/verify.h"
#include "support/packed_set.h"

namespace espalier::data {
namespace {

using ::testing::HasSubstr;

const std::vector<image::SlabFormat> kFormats = {{.shape = {3, 4, 4}}, {.shape = {1, 2, 2}}};

// Views whose values depend on the pixels and on every part of the key.
void transform(const image::Encoded& image, const image::SampleKey& key,
               std::span<std::byte* const> into) {
  image::Image memory;
  const image::Pixels pixels = image.decode(image.whole(), memory);
  for (size_t v = 0; v < into.size(); ++v) {
    Draw draw(key.seed, "test", {key.epoch, key.sample, v});
    auto* values = reinterpret_cast<float*>(into[v]);
    for (int64_t i = 0; i < kFormats[v].shape.values(); ++i) {
      values[i] = static_cast<float>(pixels.data[i] + draw.uniform());
    }
  }
}

const float* values_of(const image::Batch& batch, size_t view) {
  return reinterpret_cast<const float*>(batch.views[view].bytes.data());
}

class Loaded : public ::testing::Test {
 protected:
  void SetUp() override {
    write_classes(temp_ / "images", 7, 4);  // 21 samples
    pack_images(temp_ / "images", temp_ / "packed");
  }

  LoaderPlan plan() const {
    return {.seed = 3,
            .first_position = 0,
            .batch = 10,
            .begin = 0,
            .end = 10,
            .steps = 9,
            .views = kFormats};
  }

  std::vector<image::Batch> load(const LoaderPlan& plan, const LoaderOptions& options) const {
    const Dataset dataset = Dataset::open(temp_ / "packed");
    Loader loader(dataset, Order(all(dataset.size()), 5), plan, transform, options);
    std::vector<image::Batch> batches;
    for (int64_t step = 0; step < plan.steps; ++step) batches.push_back(loader.next());
    return batches;
  }

  TempDir temp_;
};

void expect_equal(const image::Batch& a, const image::Batch& b) {
  EXPECT_EQ(a.position, b.position);
  EXPECT_EQ(a.samples, b.samples);
  EXPECT_EQ(a.epochs, b.epochs);
  EXPECT_EQ(a.labels, b.labels);
  ASSERT_EQ(a.views.size(), b.views.size());
  for (size_t v = 0; v < a.views.size(); ++v) EXPECT_EQ(a.views[v].bytes, b.views[v].bytes);
}

TEST_F(Loaded, FollowsTheOrder) {
  const auto batches = load(plan(), {});
  const Dataset dataset = Dataset::open(temp_ / "packed");
  Order order(all(21), 5);
  for (uint64_t p = 0; p < 90; ++p) {
    const image::Batch& batch = batches[p / 10];
    const Order::Place place = order.at(p);
    EXPECT_EQ(batch.position, p / 10 * 10);
    EXPECT_EQ(batch.samples[p % 10], place.sample);
    EXPECT_EQ(batch.epochs[p % 10], place.epoch);
    EXPECT_EQ(batch.labels[p % 10], dataset.label(place.sample));
    std::vector<float> expected(48), small(4);
    std::vector<uint8_t> bytes;
    transform(dataset.encoded(place.sample, bytes),
              {3, place.epoch, static_cast<uint64_t>(place.sample), 0},
              std::array{reinterpret_cast<std::byte*>(expected.data()),
                         reinterpret_cast<std::byte*>(small.data())});
    const float* values = values_of(batch, 0) + p % 10 * 48;
    EXPECT_EQ(std::vector<float>(values, values + 48), expected);
  }
}

TEST_F(Loaded, IsEqualForAnyThreadsAndDepth) {
  const auto expected = load(plan(), {.threads = 1, .depth = 1});
  for (const LoaderOptions options :
       {LoaderOptions{2, 1}, LoaderOptions{2, 3}, LoaderOptions{5, 4}}) {
    const auto batches = load(plan(), options);
    for (size_t s = 0; s < batches.size(); ++s) expect_equal(batches[s], expected[s]);
  }
}

TEST_F(Loaded, StartsMidStreamWithTheSameBatches) {
  const auto expected = load(plan(), {});
  LoaderPlan late = plan();
  late.first_position = 40;
  late.steps = 5;
  const auto batches = load(late, {.threads = 2, .depth = 2});
  for (size_t s = 0; s < batches.size(); ++s) expect_equal(batches[s], expected[s + 4]);
}

TEST_F(Loaded, SharesOfRanksMakeTheWholeBatch) {
  const auto expected = load(plan(), {});
  LoaderPlan share = plan();
  share.begin = 3;
  share.end = 7;
  const auto batches = load(share, {.threads = 2, .depth = 2});
  for (size_t s = 0; s < batches.size(); ++s) {
    EXPECT_EQ(batches[s].position, expected[s].position + 3);
    for (int64_t i = 0; i < 4; ++i) {
      EXPECT_EQ(batches[s].samples[i], expected[s].samples[i + 3]);
      EXPECT_EQ(values_of(batches[s], 1)[i * 4], values_of(expected[s], 1)[(i + 3) * 4]);
    }
  }
}

TEST_F(Loaded, ThrowsTheFirstBadSampleWithItsKeyAfterTheSoundBatches) {
  const Dataset dataset = Dataset::open(temp_ / "packed");
  Order order(all(21), 5);
  const int64_t first = order.at(14).sample, second = order.at(17).sample;
  const auto fail_on_two = [&](const image::Encoded&, const image::SampleKey& key,
                               std::span<std::byte* const>) {
    const auto sample = static_cast<int64_t>(key.sample);
    check(sample != first && sample != second, Kind::kData, "does not fit");
  };
  for (const int64_t threads : {1, 5}) {
    Loader loader(dataset, Order(all(21), 5), plan(), fail_on_two, {.threads = threads});
    EXPECT_NO_THROW(loader.next());
    EXPECT_THAT(error_of(Kind::kData, [&] { loader.next(); }), HasSubstr(dataset.key(first)));
  }
}

TEST_F(Loaded, EndsWhileBatchesAreUnderWay) {
  const Dataset dataset = Dataset::open(temp_ / "packed");
  for (int repeat = 0; repeat < 20; ++repeat) {
    Loader loader(dataset, Order(all(21), 5), plan(), transform, {.threads = 3, .depth = 3});
    if (repeat % 2 == 0) loader.next();
    EXPECT_GE(loader.wait_seconds(), 0);
  }
}

TEST_F(Loaded, RecyclesTheMemoryOfBatchesAndNotTheirContents) {
  const auto expected = load(plan(), {});
  const Dataset dataset = Dataset::open(temp_ / "packed");
  Loader loader(dataset, Order(all(21), 5), plan(), transform, {.threads = 1, .depth = 1});
  image::Batch batch = loader.next();
  const float* memory = values_of(batch, 0);
  loader.next();  // step 2 may be under way: the memory goes to step 3 at the latest
  loader.recycle(std::move(batch));
  bool used_again = false;
  for (size_t s = 2; s < expected.size(); ++s) {
    const image::Batch next = loader.next();
    expect_equal(next, expected[s]);
    used_again |= values_of(next, 0) == memory;
  }
  EXPECT_TRUE(used_again);
}

TEST_F(Loaded, NamesTheSampleThatIsStuckAndLeavesItBehind) {
  const Dataset dataset = Dataset::open(temp_ / "packed");
  const int64_t stuck = Order(all(21), 5).at(13).sample;
  std::promise<void> go_on;
  std::shared_future<void> gate = go_on.get_future().share();
  const auto wait_at_one = [=](const image::Encoded&, const image::SampleKey& key,
                               std::span<std::byte* const>) {
    if (static_cast<int64_t>(key.sample) == stuck) gate.wait();
  };
  {
    Loader loader(dataset, Order(all(21), 5), plan(), wait_at_one,
                  {.threads = 2, .deadline_seconds = 0.2});
    EXPECT_NO_THROW(loader.next());
    EXPECT_THAT(error_of(Kind::kIo, [&] { loader.next(); }), HasSubstr(dataset.key(stuck)));
    EXPECT_GE(loader.wait_seconds(), 0);
  }  // does not wait for the sample
  go_on.set_value();
}

TEST_F(Loaded, WaitsForSpaceBeforeItMakesMore) {
  const Dataset dataset = Dataset::open(temp_ / "packed");
  std::atomic<int64_t> made = 0;
  const auto count = [&](const image::Encoded&, const image::SampleKey&,
                         std::span<std::byte* const>) { ++made; };
  Loader loader(dataset, Order(all(21), 5), plan(), count, {.threads = 3, .depth = 2});
  loader.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_LE(made, 30);  // the batch taken and two ahead
  loader.next();
}

TEST_F(Loaded, IsEqualInEveryModeOfReadingAndForAnyRanks) {
  shards::Index index = shards::read_index(temp_ / "packed");
  index.facts.order = {.block = 4, .streams = 3, .run = 2, .window = 2};
  shards::write_index(temp_ / "packed" / shards::kIndexName, index);
  const auto load_with = [&](ReadMode mode, int64_t ranks, int64_t threads) {
    std::vector<std::vector<int64_t>> samples(9, std::vector<int64_t>());
    std::vector<std::vector<std::byte>> bytes(9);
    for (int64_t rank = 0; rank < ranks; ++rank) {
      LoaderPlan share = plan();
      share.begin = 10 * rank / ranks;
      share.end = 10 * (rank + 1) / ranks;
      const Dataset dataset =
          Dataset::open(temp_ / "packed", {.read = mode, .copy_folder = (temp_ / "s").string()},
                        {share.batch, share.begin, share.end});
      Loader loader(dataset, Order::of_all(21, 5, dataset.order()), share, transform,
                    {.threads = threads});
      for (size_t step = 0; step < 9; ++step) {
        const image::Batch batch = loader.next();
        samples[step].insert(samples[step].end(), batch.samples.begin(), batch.samples.end());
        const auto& view = batch.views[0].bytes;
        bytes[step].insert(bytes[step].end(), view.begin(), view.end());
      }
    }
    return std::pair(samples, bytes);
  };
  const auto expected = load_with(ReadMode::kSample, 1, 1);
  for (const ReadMode mode : {ReadMode::kSample, ReadMode::kBlock, ReadMode::kLocalCopy}) {
    for (const int64_t ranks : {1, 2, 3}) {
      for (const int64_t threads : {1, 2, 8}) {
        ASSERT_EQ(load_with(mode, ranks, threads), expected) << name_of(mode) << ' ' << ranks;
      }
    }
  }
}

TEST_F(Loaded, ReadsEveryBlockOnceAnEpochInModeBlock) {
  shards::Index index = shards::read_index(temp_ / "packed");
  index.facts.order = {.block = 2, .streams = 3, .run = 2, .window = 2};
  shards::write_index(temp_ / "packed" / shards::kIndexName, index);
  const auto blocks_read = [this](int64_t epochs, int64_t threads) {
    LoaderPlan whole = plan();
    whole.batch = whole.end = 7;
    whole.steps = 3 * epochs;
    const Dataset dataset = Dataset::open(temp_ / "packed", {.read = ReadMode::kBlock}, {7, 0, 7});
    Loader loader(dataset, Order::of_all(21, 5, dataset.order()), whole, transform,
                  {.threads = threads});
    for (int64_t step = 0; step < whole.steps; ++step) loader.next();
    return dataset.reader().blocks()->blocks_read();
  };
  EXPECT_EQ(blocks_read(3, 1), 3 * 11);
  EXPECT_EQ(blocks_read(1, 4), 11);
  // A block that two threads hold where epochs meet serves both epochs: one reading fewer.
  EXPECT_LE(blocks_read(3, 4), 3 * 11);
}

TEST_F(Loaded, RefusesABatchLargerThanTheSelection) {
  LoaderPlan large = plan();
  large.batch = 22;
  EXPECT_THROW(load(large, {}), Error);
}

}  // namespace
}  // namespace espalier::data

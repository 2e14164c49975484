// What a run meets while it reads: shards that are gone or shrink, a system that refuses, storage
// that is slow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

#include "data/loader.h"
#include "data/memory_bound.h"
#include "shards/parallel.h"
#include "shards/verify.h"
#include "support/packed_set.h"

namespace espalier::data {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

// Thirty encoded images in five or more shards, walked in blocks of 4.
class Reading : public ::testing::Test {
 protected:
  void SetUp() override {
    write_classes(temp_ / "images", 10, 12);
    pack_images(temp_ / "images", folder_,
                {.shard_size = 2500, .storage = pack::Storage::kEncoded});
    shards::Index index = shards::read_index(folder_);
    index.facts.order = {.block = 4, .streams = 3, .run = 2, .window = 2};
    shards::write_index(folder_ / shards::kIndexName, index);
  }

  static void read_only(const image::Encoded&, const image::SampleKey&,
                        std::span<std::byte* const>) {}

  LoaderPlan plan(image::ViewShape shape = {3, 2, 2}) const {
    return {.seed = 3, .batch = 3, .begin = 0, .end = 3, .steps = 10, .views = {{.shape = shape}}};
  }

  // The step of `plan` that first needs a block with samples of `shard`.
  static int64_t first_step_with(const Dataset& dataset, size_t shard) {
    int64_t first = 0;
    for (size_t k = 0; k < shard; ++k) first += dataset.index().shards[k].num_samples;
    const int64_t last = first + dataset.index().shards[shard].num_samples;
    Order order = Order::of_all(dataset.size(), 3, dataset.order());
    for (uint64_t position = 0;; ++position) {
      const int64_t block = order.at(position).sample / 4;
      if (4 * block < last && std::min<int64_t>(30, 4 * block + 4) > first) {
        return static_cast<int64_t>(position) / 3;
      }
    }
  }

  TempDir temp_;
  std::filesystem::path folder_ = temp_ / "packed";
};

TEST_F(Reading, AMissingShardIsNamedWhenItsStepComesAndTheStepsBeforeAreMade) {
  const size_t shards = shards::read_index(folder_).shards.size();
  for (size_t shard = 0; shard < shards; ++shard) {
    for (const int64_t threads : {1, 3}) {
      const Dataset dataset = Dataset::open(folder_, {.read = ReadMode::kBlock}, {3, 0, 3});
      const std::string name = dataset.index().shards[shard].name;
      std::filesystem::rename(folder_ / name, folder_ / "away");
      Loader loader(dataset, Order::of_all(30, 3, dataset.order()), plan(), read_only,
                    {.threads = threads, .depth = 4, .deadline_seconds = 20});
      const int64_t sound = first_step_with(dataset, shard);
      for (int64_t step = 0; step < sound; ++step) EXPECT_NO_THROW(loader.next()) << name;
      EXPECT_THAT(error_of(Kind::kData, [&] { loader.next(); }),
                  AllOf(HasSubstr(name), HasSubstr("is missing")));
      std::filesystem::rename(folder_ / "away", folder_ / name);
    }
  }
}

// What was read before it shrank may still be given, the right bytes or an error and nothing else.
TEST_F(Reading, AShardThatShrinksIsAnErrorThatNamesItInEveryModeThereIs) {
  ReadOptions options;
  options.copy_folder = (temp_ / "copies").string();
  int64_t errors = 0;
  for (const auto& [mode, name] : names_of(ReadMode{})) {
    options.read = mode;
    const Dataset dataset = Dataset::open(folder_, options);
    const std::filesystem::path shard = dataset.reader().files().path(0);
    const std::string whole = read_file(shard);
    const int64_t last = dataset.index().shards[0].num_samples - 1;
    std::vector<uint8_t> memory;
    const auto read = [&](int64_t sample) {
      const auto bytes = dataset.stored(sample, memory);
      return std::vector<uint8_t>(bytes.begin(), bytes.end());
    };
    const std::vector<uint8_t> before = read(last);
    read(0);
    std::filesystem::resize_file(shard, 4096);
    try {
      EXPECT_EQ(read(last), before) << name;
    } catch (const Error& error) {
      ++errors;
      EXPECT_EQ(error.kind(), Kind::kData);
      EXPECT_THAT(error.what(), HasSubstr(shard.string())) << name;
    }
    write_file(shard, whole);
  }
  EXPECT_GT(errors, 0);
}

TEST_F(Reading, StorageThatIsSlowAndGoesOnIsNoError) {
  const Dataset dataset = Dataset::open(folder_);
  const auto slow = [](const image::Encoded&, const image::SampleKey&,
                       std::span<std::byte* const>) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  };
  LoaderPlan whole = plan();
  whole.batch = whole.end = 30;
  whole.steps = 1;
  Loader loader(dataset, Order::of_all(30, 3), whole, slow, {.deadline_seconds = 1.5});
  EXPECT_EQ(loader.next().size(), 30);
}

TEST_F(Reading, TooManyOpenFilesIsNoDamage) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int next = dup(0);
  close(next);
  rlimit one_more = before;
  one_more.rlim_cur = static_cast<rlim_t>(next) + 1;
  setrlimit(RLIMIT_NOFILE, &one_more);
  const std::string of_index = error_of(Kind::kIo, [&] { shards::read_index(folder_); });
  const std::string of_shard =
      error_of(Kind::kIo, [&] { shards::read_shard(folder_ / "shard-00000.h5"); });
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_THAT(of_index, AllOf(HasSubstr("Too many open files"), HasSubstr("try: ")));
  EXPECT_THAT(of_shard, AllOf(HasSubstr("shard-00000.h5"), HasSubstr("ulimit -n")));
}

TEST_F(Reading, VerifyTellsWhatTheSystemRefusesFromWhatIsDamaged) {
  const std::filesystem::path shard = folder_ / "shard-00001.h5";
  std::filesystem::remove(shard);
  EXPECT_FALSE(shards::verify(folder_, 1).empty());
  std::filesystem::create_symlink(shard, shard);  // which the system will not follow for ever
  EXPECT_THAT(error_of(Kind::kIo, [&] { static_cast<void>(shards::verify(folder_, 1)); }),
              HasSubstr("shard-00001.h5"));
}

// Leaves the process with the error's code and its text on stderr.
template <typename Action>
[[noreturn]] void end_as_a_program(int64_t more_address_space, const Action& action) {
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  std::ifstream pages("/proc/self/statm");
  int64_t size = 0;
  pages >> size;
  limit.rlim_cur = static_cast<rlim_t>(size * getpagesize() + more_address_space);
  setrlimit(RLIMIT_AS, &limit);
  try {
    action();
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::_Exit(error.exit_code());
  }
  std::_Exit(0);
}

TEST_F(Reading, AThreadThatCannotStartIsAnErrorThatNamesTheOption) {
  const Dataset dataset = Dataset::open(folder_);
  EXPECT_EXIT(
      end_as_a_program(
          100 << 20,
          [&] { Loader(dataset, Order::of_all(30, 3), plan(), read_only, {.threads = 3000}); }),
      ::testing::ExitedWithCode(4), "data.threads is 3000");
  EXPECT_EXIT(
      end_as_a_program(100 << 20,
                       [] { shards::parallel_for(3000, 3000, [](int64_t) { usleep(1000); }); }),
      ::testing::ExitedWithCode(4), "of 3000 threads");
}

TEST_F(Reading, MemoryThatIsNotThereIsAnErrorThatNamesTheOptions) {
  const Dataset dataset = Dataset::open(folder_);
  EXPECT_EXIT(
      end_as_a_program(
          200 << 20,
          [&] {
            Loader loader(dataset, Order::of_all(30, 3), plan({3, 9000, 9000}), read_only, {});
            loader.next();
          }),
      ::testing::ExitedWithCode(4), "data.depth=1");
}

TEST_F(Reading, NoNumberIsTooLargeForTheBoundOfMemory) {
  const Dataset dataset = Dataset::open(folder_);
  LoaderPlan endless = plan({3, 1 << 20, 1 << 20});
  endless.batch = endless.end = kMost;
  endless.steps = kMost - 1;
  const MemoryBound bound =
      memory_bound(dataset, Order::of_all(30, 3), endless, {.threads = kMost, .depth = kMost});
  EXPECT_GT(bound.total(), int64_t{1} << 50);
  EXPECT_THAT(error_of(Kind::kIo, [&] { require_memory(bound, 0, 8'000'000'000); }),
              AllOf(HasSubstr("8,000 MB"), HasSubstr("data.depth")));
  const shards::OrderFacts facts{.block = 64};
  for (const int64_t batch : {kMost, kMost - 1, kMost / 3}) {
    EXPECT_EQ(streams_of_share(facts, batch, 0, batch), 64);
    EXPECT_EQ(streams_of_share(facts, batch, batch - 1, batch),
              streams_of_share(facts, batch % 512, batch % 512 - 1, batch % 512));
  }
}

TEST_F(Reading, MoreBatchesAheadThanThereAreStepsTakeNoMemory) {
  const Dataset dataset = Dataset::open(folder_);
  Loader loader(dataset, Order::of_all(30, 3), plan(), read_only, {.depth = kMost});
  EXPECT_EQ(loader.next().size(), 3);
}

}  // namespace
}  // namespace espalier::data

#include "data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "data/local_copy.h"
#include "support/packed_set.h"

namespace espalier::data {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Five or more shards of 30 encoded images in "packed", walked in blocks of 4.
class Opened : public ::testing::Test {
 protected:
  void SetUp() override {
    write_classes(temp_ / "images", 10, 12);
    pack_images(temp_ / "images", folder_,
                {.shard_size = 2500, .storage = pack::Storage::kEncoded});
    shards::Index index = shards::read_index(folder_);
    index.facts.order = {.block = 4, .streams = 3, .run = 2, .window = 2};
    shards::write_index(folder_ / shards::kIndexName, index);
  }

  // The damaged sample's stored bytes, by a reader of its own.
  std::vector<uint8_t> bytes_of(int64_t sample) const {
    const shards::Index index = shards::read_index(folder_);
    int64_t first = 0;
    size_t k = 0;
    for (; first + index.shards[k].num_samples <= sample; ++k) first += index.shards[k].num_samples;
    const std::string file = read_file(folder_ / index.shards[k].name);
    const int64_t at =
        index.shards[k].payload_address + index.table.offset[sample] - index.table.offset[first];
    return {file.begin() + at, file.begin() + at + index.table.stored_bytes(sample)};
  }

  void damage(int64_t sample) {
    const shards::Index index = shards::read_index(folder_);
    int64_t first = 0;
    size_t k = 0;
    for (; first + index.shards[k].num_samples <= sample; ++k) first += index.shards[k].num_samples;
    flip_byte(folder_ / index.shards[k].name, index.shards[k].payload_address +
                                                  index.table.offset[sample] -
                                                  index.table.offset[first] + 20);
  }

  ReadOptions mode(ReadMode read) const {
    return {.read = read, .copy_folder = (temp_ / "copies").string()};
  }

  TempDir temp_;
  std::filesystem::path folder_ = temp_ / "packed";
};

TEST_F(Opened, GivesTheSameBytesInEveryModeFromAnyThread) {
  for (const ReadMode name : {ReadMode::kSample, ReadMode::kBlock, ReadMode::kLocalCopy}) {
    const Dataset dataset = Dataset::open(folder_, mode(name));
    EXPECT_EQ(dataset.read_choice().mode, name);
    std::vector<std::vector<uint8_t>> seen(60);
    std::vector<std::thread> threads;
    for (int64_t t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        std::vector<uint8_t> memory;
        for (int64_t i = t; i < 60; i += 3) {
          const auto bytes = dataset.stored(i * 7 % 30, memory);
          seen[i].assign(bytes.begin(), bytes.end());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (int64_t i = 0; i < 60; ++i) ASSERT_EQ(seen[i], bytes_of(i * 7 % 30)) << name_of(name);
  }
}

TEST_F(Opened, ChecksSamplesWhenItIsTold) {
  damage(9);
  std::vector<uint8_t> memory;
  const auto read = [&](const Dataset& dataset) {
    return error_of(Kind::kData, [&] { dataset.stored(9, memory); });
  };
  for (const ReadMode name : {ReadMode::kSample, ReadMode::kBlock}) {
    ReadOptions options = mode(name);
    const Dataset first = Dataset::open(folder_, options);
    EXPECT_THAT(read(first),
                AllOf(HasSubstr(first.key(9)), HasSubstr("shard-0"), HasSubstr("CRC-32")));
    EXPECT_NO_THROW(first.stored(9, memory)) << "its first epoch is over";
    options.verify = Verify::kAlways;
    const Dataset always = Dataset::open(folder_, options);
    for (int repeat = 0; repeat < 2; ++repeat) EXPECT_THAT(read(always), HasSubstr("CRC-32"));
    options.verify = Verify::kNever;
    EXPECT_NO_THROW(Dataset::open(folder_, options).stored(9, memory));
  }
}

TEST_F(Opened, RefusesAMissingShard) {
  std::filesystem::remove(folder_ / "shard-00001.h5");
  EXPECT_THAT(error_of(Kind::kData, [&] { Dataset::open(folder_); }),
              AllOf(HasSubstr("shard-00001.h5 is missing"), HasSubstr("try: ")));
}

TEST_F(Opened, NamesShardAndKeyOfASampleThatCannotBeRead) {
  for (const ReadMode name : {ReadMode::kSample, ReadMode::kBlock}) {
    const Dataset dataset = Dataset::open(folder_, mode(name));
    const std::string shard = dataset.index().shards[1].name;
    const int64_t sample = dataset.index().shards[0].num_samples;
    const std::string whole = read_file(folder_ / shard);
    std::vector<uint8_t> memory;
    std::filesystem::remove(folder_ / shard);
    EXPECT_THAT(error_of(Kind::kData, [&] { dataset.stored(sample, memory); }),
                AllOf(HasSubstr(dataset.key(sample)), HasSubstr(shard), HasSubstr("is missing")));
    write_file(folder_ / shard, whole.substr(0, whole.size() - 1));
    EXPECT_THAT(error_of(Kind::kData, [&] { dataset.stored(sample, memory); }),
                HasSubstr("bytes instead of"));
    write_file(folder_ / shard, whole);
    EXPECT_NO_THROW(dataset.stored(sample, memory));
  }
}

TEST_F(Opened, CopiesOnceAndRepairsWhatIsDamaged) {
  const Dataset dataset = Dataset::open(folder_, mode(ReadMode::kLocalCopy));
  const auto copied = folder_of_copy(temp_ / "copies", dataset.index().facts);
  const std::string name = dataset.index().shards[0].name;
  const auto time = std::filesystem::last_write_time(copied / name);
  Dataset::open(folder_, mode(ReadMode::kLocalCopy));
  EXPECT_EQ(std::filesystem::last_write_time(copied / name), time);
  flip_byte(copied / name, -1);
  Dataset::open(folder_, mode(ReadMode::kLocalCopy));
  EXPECT_EQ(read_file(copied / name), read_file(folder_ / name));
}

TEST_F(Opened, DoesNotCopyADamagedShard) {
  damage(9);
  EXPECT_THAT(error_of(Kind::kData, [&] { Dataset::open(folder_, mode(ReadMode::kLocalCopy)); }),
              HasSubstr("SHA-256"));
}

TEST_F(Opened, CopiesAreTheSameOpenSet) {
  std::optional<Dataset> first = Dataset::open(folder_);
  const Dataset second = *first;
  first.reset();
  EXPECT_EQ(second.image(3).height, 12);
}

TEST_F(Opened, RefusesAnIndexThatPointsBehindItsShards) {
  shards::Index index = shards::read_index(folder_);
  index.shards[2].payload_address = index.shards[2].size_bytes - 10;
  shards::write_index(folder_ / shards::kIndexName, index);
  EXPECT_THAT(error_of(Kind::kData, [&] { Dataset::open(folder_); }), HasSubstr("do not fit into"));
}

TEST_F(Opened, IndexInMemoryIsTheOneInTheFile) {
  const shards::IndexFile file(folder_);
  std::vector<std::byte> memory(static_cast<size_t>(file.bytes()));
  file.load(memory);
  const std::vector<std::byte> elsewhere = memory;  // it may lie anywhere
  const shards::IndexView view = shards::view_index(elsewhere);
  const shards::Index index = shards::read_index(folder_);
  EXPECT_EQ(view.facts, index.facts);
  EXPECT_EQ(view.facts.order.block, 4);
  EXPECT_EQ(view.table.slice(0, view.table.size()), index.table);
  ASSERT_EQ(view.shards.size(), index.shards.size());
  for (size_t k = 0; k < view.shards.size(); ++k) {
    EXPECT_EQ(view.shards[k].name, index.shards[k].name);
    EXPECT_EQ(view.shards[k].sha256, index.shards[k].sha256);
    EXPECT_EQ(view.shards[k].payload_address, index.shards[k].payload_address);
  }
}

TEST_F(Opened, ShardFilesKeepsFewOpen) {
  const shards::Index index = shards::read_index(folder_);
  ASSERT_GT(index.shards.size(), 4U);
  shards::ShardFiles files(folder_, index.shards, 2);
  EXPECT_EQ(files.open_files(), 0);
  std::vector<std::thread> threads;
  std::atomic<int64_t> wrong = 0;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < 500; ++i) {
        const size_t k = (i * (t + 1)) % index.shards.size();
        std::vector<uint8_t> head(8);
        const shards::ShardFiles::Lease file = files.lease(k);
        file->read(0, head);
        if (file->path() != folder_ / index.shards[k].name || head[1] != 'H') ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(files.open_files(), 2 + 4);
}

TEST_F(Opened, BlockCacheReadsABlockOnceAnEpochAndHoldsNoMoreThanItMay) {
  const shards::Index made = shards::read_index(folder_);
  const shards::IndexView index{made.facts, made.shards, made.table.columns()};
  shards::ShardFiles files(folder_, index.shards);
  BlockCache cache(index, files, 3);
  std::vector<uint8_t> bytes;
  const auto read = [&](int64_t sample) {
    bytes.resize(static_cast<size_t>(index.table.stored_bytes(sample)));
    cache.read(sample, bytes);
    ASSERT_EQ(bytes, bytes_of(sample));
  };
  for (const int64_t sample : {0, 5, 2, 7, 1, 4, 3, 6, 8, 11, 9, 10}) read(sample);
  EXPECT_EQ(cache.blocks_read(), 3);
  for (int64_t sample = 29; sample >= 0; --sample) read(sample);  // 30 samples, 8 blocks
  EXPECT_EQ(cache.blocks_read(), 11);
  for (int repeat = 0; repeat < 3; ++repeat) {  // five blocks in turn: three cannot hold them
    for (int64_t block = 0; block < 5; ++block) read(block * 4);
  }
  EXPECT_EQ(cache.blocks_read(), 26);
}

TEST(ReadMode, FollowsFromFileSystemAndSize) {
  constexpr int64_t kGiga = 1'000'000'000;
  const ReadOptions automatic;
  const Storage local{.system = "local",
                      .payload_bytes = kGiga,
                      .available_memory = 10 * kGiga,
                      .block = 40,
                      .blocks_bytes = kGiga};
  EXPECT_EQ(choose_read(automatic, local).mode, ReadMode::kSample);
  Storage large = local;
  large.payload_bytes = 100 * kGiga;
  EXPECT_EQ(choose_read(automatic, large).mode, ReadMode::kBlock);
  Storage far = local;
  far.far = true;
  far.system = "lustre";
  EXPECT_EQ(choose_read(automatic, far).mode, ReadMode::kBlock);
  EXPECT_THAT(choose_read(automatic, far).reason, HasSubstr("lustre"));
  far.copy_room = 2 * kGiga;
  EXPECT_EQ(choose_read(automatic, far).mode, ReadMode::kLocalCopy);
  far.copy_room = kGiga / 2;
  EXPECT_EQ(choose_read(automatic, far).mode, ReadMode::kBlock);
  far.block = 1;
  EXPECT_EQ(choose_read(automatic, far).mode, ReadMode::kSample);
  Storage poor = large;
  poor.available_memory = kGiga;
  EXPECT_EQ(choose_read(automatic, poor).mode, ReadMode::kSample);
  EXPECT_EQ(choose_read({.max_memory = 2 * kGiga}, poor).mode, ReadMode::kBlock);
  Storage memory = local;
  memory.in_memory = true;
  EXPECT_EQ(choose_read(automatic, memory).mode, ReadMode::kSample);
  EXPECT_EQ(choose_read({.read = ReadMode::kBlock}, local).mode, ReadMode::kBlock);
  EXPECT_THROW(choose_read({.read = ReadMode::kLocalCopy}, local), Error);
}

}  // namespace
}  // namespace espalier::data

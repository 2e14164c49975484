#include "pack/pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pack/scan_journal.h"
#include "shards/stored_set.h"
#include "shards/verify.h"
#include "support/packed_set.h"

namespace espalier::pack {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::string checksums(const std::filesystem::path& folder) {
  return read_file(folder / shards::kChecksumsName);
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    names.push_back(file.path().filename().string());
  }
  return names;
}

// What a pack leaves that stopped before it wrote a shard.
bool holds_journals_only(const std::filesystem::path& folder) {
  return std::ranges::all_of(names_in(folder), [](const std::string& name) {
    return is_scan_journal(name) || name == kLockName;
  });
}

std::vector<std::string> keys_of(const std::filesystem::path& folder) {
  const shards::StoredSet set(folder);
  std::vector<std::string> keys;
  for (int64_t i = 0; i < set.size(); ++i) keys.push_back(set.key(i));
  return keys;
}

TEST(Pack, KeepsPixelsLabelsAndKeysOfImagesOfOneSize) {
  TempDir temp;
  write_classes(temp / "images", 2, 5);
  pack_images(temp / "images", temp / "packed", {.order = SampleOrder::kPath});
  const shards::StoredSet set(temp / "packed");
  EXPECT_THAT(set.class_names(), ElementsAre("cat", "dog", "fox"));
  EXPECT_THAT(set.index().table.label, ElementsAre(0, 0, 1, 1, 2, 2));
  EXPECT_EQ(set.key(3), "dog/01.png");
  EXPECT_EQ(set.index().facts.kind, shards::SetKind::kRaw);
  for (int64_t i = 0; i < 6; ++i) EXPECT_EQ(set.image(i), noise_image(i, 5, 5, 3));
}

TEST(Pack, KeepsTheOriginalBytesOfImagesThatDiffer) {
  TempDir temp;
  write_noise(temp / "images/a.png", 1, 8);
  write_noise(temp / "images/b.png", 2, 9);
  pack_images(temp / "images", temp / "packed", {.order = SampleOrder::kPath});
  const shards::StoredSet set(temp / "packed");
  EXPECT_EQ(set.index().facts.kind, shards::SetKind::kEncoded);
  EXPECT_TRUE(set.class_names().empty());
  EXPECT_THAT(set.index().table.label, ElementsAre(-1, -1));
  EXPECT_EQ(set.bytes(1), image::encode_png(noise_image(2, 9, 9, 3)));
  EXPECT_EQ(set.image(1), noise_image(2, 9, 9, 3));
}

TEST(Pack, WritesTheSameBytesAtAnyRankAndThreadCountAndPlace) {
  TempDir temp;
  write_classes(temp / "images", 7, 6);
  std::filesystem::copy(temp / "images", temp / "elsewhere",
                        std::filesystem::copy_options::recursive);
  pack_images(temp / "images", temp / "one", {.shard_size = 500}, 1);
  pack_images(temp / "images", temp / "two", {.shard_size = 500, .threads = 3}, 2);
  pack_images(temp / "elsewhere", temp / "five", {.shard_size = 500}, 5);
  EXPECT_THAT(shards::StoredSet(temp / "one").index().shards,
              SizeIs(6));  // 21 of 108 bytes, 4 a shard
  EXPECT_EQ(checksums(temp / "one"), checksums(temp / "two"));
  EXPECT_EQ(checksums(temp / "one"), checksums(temp / "five"));
}

TEST(Pack, TakesMoreRanksThanImages) {
  TempDir temp;
  write_classes(temp / "images", 1, 6);
  pack_images(temp / "images", temp / "one");
  pack_images(temp / "images", temp / "seven", {}, 7);
  EXPECT_EQ(checksums(temp / "one"), checksums(temp / "seven"));
}

TEST(Pack, KeepsAFinishedShardThatRanksShare) {
  TempDir temp;
  write_classes(temp / "images", 4, 6);
  pack_images(temp / "images", temp / "one");
  const auto kept_since = std::filesystem::last_write_time(temp / "one/shard-00000.h5");
  std::filesystem::remove(temp / "one" / shards::kChecksumsName);
  write_file(temp / "one/.shard-00000.h5.shared.partial", "half a shard");
  pack_images(temp / "images", temp / "one", {}, 3);
  EXPECT_EQ(std::filesystem::last_write_time(temp / "one/shard-00000.h5"), kept_since);
  EXPECT_THAT(shards::verify(temp / "one", 1), SizeIs(0));
  EXPECT_FALSE(std::filesystem::exists(temp / "one/.shard-00000.h5.shared.partial"));
}

TEST(Pack, OrderDependsOnTheSeed) {
  TempDir temp;
  write_classes(temp / "images", 7, 4);
  pack_images(temp / "images", temp / "a", {.seed = 1});
  pack_images(temp / "images", temp / "b", {.seed = 2});
  EXPECT_NE(keys_of(temp / "a"), keys_of(temp / "b"));
  EXPECT_THAT(keys_of(temp / "a"), ::testing::UnorderedElementsAreArray(keys_of(temp / "b")));
}

TEST(Pack, OneBadImageDoesNotMoveTheOthers) {
  TempDir temp;
  write_classes(temp / "images", 7, 4);
  pack_images(temp / "images", temp / "sound");
  std::vector<std::string> expected = keys_of(temp / "sound");
  std::erase(expected, "dog/03.png");
  write_file(temp / "images/dog/03.png", "no image");
  pack_images(temp / "images", temp / "packed", {.on_corrupt = OnCorrupt::kSkip});
  EXPECT_EQ(keys_of(temp / "packed"), expected);
  EXPECT_THAT(read_file(temp / "packed/skipped.tsv"), HasSubstr("dog/03.png\t"));
}

TEST(Pack, NamesTheFirstBadImageInByteOrderWhateverTheRanks) {
  TempDir temp;
  write_classes(temp / "images", 4, 4);
  for (const char* name : {"fox/00.png", "cat/03.png", "dog/01.png"}) {
    std::string bytes = read_file(temp / "images" / name);
    write_file(temp / "images" / name, bytes.substr(0, bytes.size() / 2));
  }
  for (const int ranks : {1, 3}) {
    const std::string said = error_of(
        Kind::kData, [&] { pack_images(temp / "images", temp / "packed", {.threads = 2}, ranks); });
    EXPECT_THAT(said, HasSubstr("cat/03.png"));
    EXPECT_THAT(said, HasSubstr("3 of 12 images"));
  }
  EXPECT_TRUE(holds_journals_only(temp / "packed"));
}

TEST(Pack, RefusesAShortJpegAndSkipsItOnDemand) {
  TempDir temp;
  const std::string jpeg = read_file(std::string(ESPALIER_TEST_DATA) + "/pack/small.jpg");
  make_directories(temp / "images");
  write_file(temp / "images/a.jpg", jpeg);
  write_file(temp / "images/b.jpg", jpeg.substr(0, jpeg.size() - 40));
  EXPECT_THAT(error_of(Kind::kData, [&] { pack_images(temp / "images", temp / "packed"); }),
              HasSubstr("b.jpg"));
  pack_images(temp / "images", temp / "packed", {.on_corrupt = OnCorrupt::kSkip});
  EXPECT_THAT(keys_of(temp / "packed"), ElementsAre("a.jpg"));
}

TEST(Pack, NeverSkipsWhatTheSystemRefusesToRead) {
  TempDir temp;
  write_classes(temp / "images", 1, 4);
  std::filesystem::create_symlink("/nowhere/x.png", temp / "images/cat/gone.png");
  EXPECT_THAT(
      error_of(
          Kind::kIo,
          [&] { pack_images(temp / "images", temp / "packed", {.on_corrupt = OnCorrupt::kSkip}); }),
      HasSubstr("gone.png"));
}

TEST(Pack, RefusesAnImageThatChangedSinceTheScan) {
  TempDir temp;
  write_classes(temp / "images", 2, 4);
  PackRanks alone(1, [&] { write_noise(temp / "images/dog/01.png", 99, 4); });
  const auto pack = [&](Exchange& exchange) {
    Packer(open_source("image_folder", temp / "images"), temp / "packed", {.memory = 0})
        .run(exchange);
  };
  EXPECT_THAT(error_of(Kind::kData, [&] { alone.run(pack); }), HasSubstr("dog/01.png"));
  EXPECT_TRUE(holds_journals_only(temp / "packed"));
}

TEST(Pack, RefusesAFolderThatHoldsAnythingElse) {
  TempDir temp;
  write_classes(temp / "images", 2, 4);
  make_directories(temp / "packed");
  write_file(temp / "packed/thesis.tex", "years of work");
  EXPECT_THAT(error_of(Kind::kUsage, [&] { pack_images(temp / "images", temp / "packed"); }),
              HasSubstr("thesis.tex"));
}

TEST(Pack, RefusesTheFolderOfAnotherPack) {
  TempDir temp;
  write_classes(temp / "images", 2, 4);
  pack_images(temp / "images", temp / "packed", {.seed = 1});
  const std::string before = checksums(temp / "packed");
  EXPECT_THAT(
      error_of(Kind::kUsage, [&] { pack_images(temp / "images", temp / "packed", {.seed = 2}); }),
      HasSubstr("another pack"));
  EXPECT_EQ(checksums(temp / "packed"), before);
}

TEST(Pack, ContinuesAKilledPackWithTheSameBytes) {
  TempDir temp;
  write_classes(temp / "images", 7, 6);
  const PackOptions options{.shard_size = 500};
  pack_images(temp / "images", temp / "whole", options);
  pack_images(temp / "images", temp / "killed", options);
  for (const char* lost : {"index.h5", "SHA256SUMS", "shard-00004.h5"}) {
    std::filesystem::remove(temp / "killed" / lost);
  }
  write_file(temp / "killed/.shard-00004.h5.123.partial", "half a shard");
  flip_byte(temp / "killed/shard-00001.h5", -1);
  const auto kept_since = std::filesystem::last_write_time(temp / "killed/shard-00000.h5");
  pack_images(temp / "images", temp / "killed", options, 2);
  EXPECT_EQ(checksums(temp / "killed"), checksums(temp / "whole"));
  EXPECT_THAT(shards::verify(temp / "killed", 1), SizeIs(0));
  EXPECT_EQ(std::filesystem::last_write_time(temp / "killed/shard-00000.h5"), kept_since);
  EXPECT_FALSE(std::filesystem::exists(temp / "killed/.shard-00004.h5.123.partial"));
}

TEST(Pack, WhatAKilledScanFoundIsKnownToAnyRanksAndChangesNoByte) {
  TempDir temp;
  write_classes(temp / "images", 7, 6);
  pack_images(temp / "images", temp / "whole");
  const auto source = open_source("image_folder", temp / "images");
  // Scans by so many ranks and is killed then; returns how many images were known.
  const auto scan_only = [&](int ranks) {
    std::atomic<int64_t> known = 0;
    PackRanks killed(ranks, [] { throw Error(Kind::kIo, "killed"); });
    EXPECT_THROW(killed.run([&](Exchange& exchange) {
      Packer packer(source, temp / "killed", {});
      try {
        packer.run(exchange);
      } catch (const Error&) {
        known += packer.known();
        throw;
      }
    }),
                 Error);
    return known.load();
  };
  EXPECT_EQ(scan_only(1), 0);
  write_noise(temp / "images/dog/03.png", 99, 6);  // changes, and changes back
  const std::string other = read_file(temp / "images/dog/03.png");
  EXPECT_EQ(scan_only(2), 20);
  write_noise(temp / "images/dog/03.png", 10, 6);
  EXPECT_NE(read_file(temp / "images/dog/03.png"), other);
  pack_images(temp / "images", temp / "killed", {}, 3);
  EXPECT_EQ(checksums(temp / "killed"), checksums(temp / "whole"));
  EXPECT_TRUE(std::ranges::none_of(names_in(temp / "killed"), is_scan_journal));
}

TEST(Pack, RefusesAFolderThatAnotherPackIsWritingInto) {
  TempDir temp;
  write_classes(temp / "images", 1, 4);
  const auto source = open_source("image_folder", temp / "images");
  const auto pack = [&](Exchange& exchange) { Packer(source, temp / "packed", {}).run(exchange); };
  PackRanks first(1, [&] {
    Alone second;
    EXPECT_THAT(error_of(Kind::kUsage, [&] { pack(second); }),
                HasSubstr("another pack is writing into"));
  });
  first.run(pack);
  EXPECT_THAT(names_in(temp / "packed"),
              UnorderedElementsAre("shard-00000.h5", shards::kIndexName, shards::kSkippedName,
                                   shards::kChecksumsName));
}

TEST(Pack, LeavesTheFilesOfOthersAlone) {
  TempDir temp;
  write_classes(temp / "images", 1, 4);
  for (const char* name : {".notes.partial", "shard-00000.h5", "shard-of-glass.h5"}) {
    make_directories(temp / name);
    write_file(temp / name / name, "mine");
    EXPECT_THAT(error_of(Kind::kUsage, [&] { pack_images(temp / "images", temp / name); }),
                HasSubstr("try: another --out"));
    EXPECT_EQ(read_file(temp / name / name), "mine");
  }
}

TEST(Pack, ReplacesClassNamesOnlyOneForOne) {
  TempDir temp;
  write_classes(temp / "images", 1, 4);
  pack_images(temp / "images", temp / "packed", {.class_names = {"Katze", "Hund", "Fuchs"}});
  EXPECT_THAT(shards::StoredSet(temp / "packed").class_names(),
              ElementsAre("Katze", "Hund", "Fuchs"));
  EXPECT_THAT(
      error_of(Kind::kUsage,
               [&] { pack_images(temp / "images", temp / "other", {.class_names = {"Katze"}}); }),
      HasSubstr("1 classes, the source has 3"));
}

}  // namespace
}  // namespace espalier::pack

// export and merge: the ways out of a packed set and back.
#include "pack/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pack/card.h"
#include "pack/merge.h"
#include "shards/flags.h"
#include "shards/verify.h"
#include "support/packed_set.h"

namespace espalier::pack {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Image and class name by key.
std::map<std::string, std::pair<image::Image, std::string>> contents(
    const std::filesystem::path& folder) {
  const shards::StoredSet set(folder);
  std::map<std::string, std::pair<image::Image, std::string>> images;
  for (int64_t i = 0; i < set.size(); ++i) {
    const int64_t label = set.label(i);
    images[set.key(i)] = {set.image(i), label < 0 ? "" : set.class_names()[label]};
  }
  return images;
}

void merge(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& out,
           bool prefix_keys = false) {
  pack_source(merged_source(folders, prefix_keys), out,
              {.orientation = Orientation::kIgnore, .progressive = Progressive::kKeep});
}

class Exported : public ::testing::TestWithParam<Storage> {};

TEST_P(Exported, SetsComeBackWithEqualPixelsAndClasses) {
  TempDir temp;
  write_classes(temp / "images", 3, 6);
  std::filesystem::rename(temp / "images/fox", temp / "images/r\u00E4d fox");
  pack_images(temp / "images", temp / "packed", {.storage = GetParam()});
  const shards::StoredSet set(temp / "packed");
  export_folder(set, temp / "folder", 2);
  export_tar(set, temp / "set.tar");
  export_tar(set, temp / "again.tar");
  EXPECT_EQ(read_file(temp / "set.tar"), read_file(temp / "again.tar"));
  pack_images(temp / "folder", temp / "from_folder");
  pack_images(temp / "set.tar", temp / "from_tar", {}, 2, "tar");
  EXPECT_EQ(contents(temp / "from_folder"), contents(temp / "packed"));
  EXPECT_EQ(contents(temp / "from_tar"), contents(temp / "packed"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Exported, ::testing::Values(Storage::kRaw, Storage::kEncoded));

// A source with keys that no file system should see.
class BadKeys : public Format {
 public:
  explicit BadKeys(std::vector<std::string> keys) : keys_(std::move(keys)) {}
  void open(const std::filesystem::path&) override {}
  int64_t size() const override { return static_cast<int64_t>(keys_.size()); }
  std::string key(int64_t item) const override { return keys_[item]; }
  int64_t label(int64_t) const override { return -1; }
  std::vector<std::string> class_names() const override { return {}; }
  Content read(int64_t item) const override {
    return noise_image(static_cast<uint64_t>(item), 2, 2, 3);
  }

 private:
  std::vector<std::string> keys_;
};

void pack_keys(std::vector<std::string> keys, const std::filesystem::path& out) {
  pack_source(std::make_shared<BadKeys>(std::move(keys)), out);
}

TEST(Export, NoKeyLeavesTheFolderAndNoneHasTwoExtensions) {
  TempDir temp;
  pack_keys({"../../up", "/etc/passwd", "a/./b\n", "c.d.JPG"}, temp / "packed");
  export_folder(shards::StoredSet(temp / "packed"), temp / "deep/er", 1);
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(temp.path())) {
    if (entry.is_regular_file() && entry.path().extension() == ".png") {
      files.push_back(entry.path().lexically_relative(temp / "deep/er").string());
    }
  }
  EXPECT_THAT(files,
              UnorderedElementsAre("_../_../up.png", "_/etc/passwd.png", "a/_./b_.png", "c.d.png"));
}

TEST(Export, RefusesWhatIsThereAndTwoFilesOfOneName) {
  TempDir temp;
  pack_keys({"a\x01", "a\x02"}, temp / "packed");
  const shards::StoredSet set(temp / "packed");
  EXPECT_THAT(error_of(Kind::kUsage, [&] { export_folder(set, temp / "out", 1); }),
              HasSubstr("a_.png"));
  EXPECT_THAT(error_of(Kind::kUsage, [&] { export_tar(set, temp / "out"); }), HasSubstr("a_"));
  EXPECT_FALSE(std::filesystem::exists(temp / "out"));
  write_file(temp / "out", "");
  EXPECT_THAT(error_of(Kind::kUsage, [&] { export_tar(set, temp / "out"); }), HasSubstr("try: "));
}

TEST(Merge, UnitesClassesByName) {
  TempDir temp;
  write_classes(temp / "a", 2, 5);
  write_noise(temp / "b/ant/x.png", 90, 5);
  write_noise(temp / "b/fox/x.png", 91, 5);
  pack_images(temp / "a", temp / "one");
  pack_images(temp / "b", temp / "two");
  merge({temp / "one", temp / "two"}, temp / "both");
  auto expected = contents(temp / "one");
  expected.merge(contents(temp / "two"));
  EXPECT_EQ(contents(temp / "both"), expected);
  EXPECT_THAT(shards::StoredSet(temp / "both").class_names(),
              ElementsAre("cat", "dog", "fox", "ant"));
  EXPECT_THAT(shards::verify(temp / "both", 1, true), IsEmpty());
}

TEST(Merge, RefusesAKeyThatIsThereTwiceOrPrefixesAll) {
  TempDir temp;
  write_classes(temp / "a", 1, 5);
  pack_images(temp / "a", temp / "one");
  pack_images(temp / "a", temp / "two", {.storage = Storage::kEncoded});
  EXPECT_THAT(error_of(Kind::kData,
                       [&] {
                         merge({temp / "one", temp / "two"}, temp / "both");
                       }),
              AllOf(HasSubstr("cat/00.png"), HasSubstr("try: --prefix-keys")));
  merge({temp / "one", temp / "two"}, temp / "both", true);
  const auto both = contents(temp / "both");
  EXPECT_EQ(both.size(), 6U);
  EXPECT_EQ(both.at("1/cat/00.png"), both.at("2/cat/00.png"));
}

TEST(Merge, KeepsStoredBytesAndFlags) {
  TempDir temp;
  const std::string exif = std::string(ESPALIER_TEST_DATA) + "/pack/exif/";
  make_directories(temp / "a");
  make_directories(temp / "b");
  std::filesystem::copy(exif + "whole-6.jpg", temp / "a/x.jpg");
  std::filesystem::copy(exif + "progressive.jpg", temp / "b/y.jpg");
  pack_images(temp / "a", temp / "one", {.storage = Storage::kEncoded});
  pack_images(temp / "b", temp / "two", {.storage = Storage::kEncoded});
  merge({temp / "one", temp / "two"}, temp / "both");
  for (const char* name : {"one", "two"}) {
    const shards::StoredSet part(temp / name), both(temp / "both");
    const int64_t i = both.key(0) == part.key(0) ? 0 : 1;
    EXPECT_EQ(both.index().table.crc32[i], part.index().table.crc32[0]);
    EXPECT_EQ(both.index().table.flags[i], part.index().table.flags[0]);
    EXPECT_NE(both.index().table.flags[i], 0U);
  }
}

TEST(Verify, DeepDecodesWhatTheChecksumsCannotSee) {
  TempDir temp;
  write_classes(temp / "images", 2, 6);
  pack_images(temp / "images", temp / "packed", {.storage = Storage::kEncoded});
  shards::Index index = shards::read_index(temp / "packed");
  index.table.width[3] = 7;  // an index that agrees with itself and not with the image
  shards::write_index(temp / "packed" / shards::kIndexName, index);
  const auto faults = shards::verify(temp / "packed", 2, true);
  EXPECT_THAT(faults, Contains(AllOf(HasSubstr(index.table.key(3)),
                                     HasSubstr("6 x 7 x 3, the image is 6 x 6 x 3"))));
}

TEST(Card, SaysWhatTheSetHolds) {
  TempDir temp;
  write_bytes(temp / "images/cat/a.png", image::encode_png(image::Image(2, 3, 3)));
  write_bytes(temp / "images/dog/b.png", image::encode_png(image::Image(2, 3, 1)));
  pack_images(temp / "images", temp / "packed");
  const std::string card = card_of(shards::StoredSet(temp / "packed"), "pets", 2);
  EXPECT_THAT(card, HasSubstr("name: \"pets\"\n"));
  EXPECT_THAT(card, HasSubstr("images: 2\nimage: {height: 2, width: 3, channels: 3}\n"));
  EXPECT_THAT(card, HasSubstr("  \"dog\": 1\n"));
  EXPECT_THAT(card, HasSubstr("mean: [0.0000, 0.0000, 0.0000]\nstd: [0.0000, 0.0000, 0.0000]\n"));
  EXPECT_THAT(card, HasSubstr("flags:\n  grey as RGB: 1\n"));
  EXPECT_THAT(card, HasSubstr("  max_side: 0\n"));
}

}  // namespace
}  // namespace espalier::pack

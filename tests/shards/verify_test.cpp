#include "shards/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shards/stored_set.h"
#include "support/packed_set.h"

namespace espalier::shards {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Three shards of encoded images in "packed".
class Packed : public ::testing::Test {
 protected:
  void SetUp() override {
    write_classes(temp_ / "images", 4, 6);
    pack_images(temp_ / "images", folder_, {.shard_size = 800, .storage = pack::Storage::kEncoded});
  }

  // Damages the stored bytes of one sample; tells its shard's name.
  std::string damage(int64_t sample) {
    const Index index = read_index(folder_);
    int64_t first = 0;
    size_t k = 0;
    for (; first + index.shards[k].num_samples <= sample; ++k) first += index.shards[k].num_samples;
    flip_byte(folder_ / index.shards[k].name, index.shards[k].payload_address +
                                                  index.table.offset[sample] -
                                                  index.table.offset[first] + 20);
    return index.shards[k].name;
  }

  TempDir temp_;
  std::filesystem::path folder_ = temp_ / "packed";
};

TEST_F(Packed, IsSoundAsWritten) {
  EXPECT_GT(read_index(folder_).shards.size(), 2U);
  EXPECT_THAT(verify(folder_, 2), IsEmpty());
}

TEST_F(Packed, NamesShardAndKeyOfADamagedSample) {
  const std::string key = read_index(folder_).table.key(9);
  const std::string shard = damage(9);
  const auto faults = verify(folder_, 1);
  EXPECT_THAT(faults, Contains(AllOf(HasSubstr(shard), HasSubstr(key))));
  EXPECT_THAT(faults, Contains(AllOf(HasSubstr(shard), HasSubstr("SHA-256"))));
  EXPECT_EQ(faults.size(), 2U);
}

TEST_F(Packed, NamesADamagedTable) {
  std::string bytes = read_file(folder_ / "shard-00001.h5");
  const std::string key = read_index(folder_).table.key(read_index(folder_).shards[0].num_samples);
  flip_byte(folder_ / "shard-00001.h5", static_cast<int64_t>(bytes.find(key)));
  EXPECT_THAT(verify(folder_, 1),
              Contains(HasSubstr("shard-00001.h5: attributes or sample table")));
}

TEST_F(Packed, NamesAMissingShardAndADamagedList) {
  std::filesystem::remove(folder_ / "shard-00000.h5");
  EXPECT_THAT(verify(folder_, 1), Contains(HasSubstr("shard-00000.h5")));
  write_file(folder_ / kChecksumsName, "");
  EXPECT_THAT(verify(folder_, 1), Contains(HasSubstr("SHA256SUMS does not list index.h5")));
}

TEST_F(Packed, NamesAShardThatIsOneTooMany) {
  std::filesystem::copy(folder_ / "shard-00000.h5", folder_ / "shard-00099.h5");
  EXPECT_THAT(verify(folder_, 1), ElementsAre("shard-00099.h5 is not a shard of this set"));
}

TEST_F(Packed, ReadRefusesADamagedSampleNamingShardAndKey) {
  const std::string shard = damage(5);
  const StoredSet set(folder_);
  EXPECT_NO_THROW(set.image(4));
  EXPECT_THAT(error_of(Kind::kData, [&] { set.image(5); }),
              AllOf(HasSubstr(shard), HasSubstr(set.key(5))));
}

TEST_F(Packed, OpenRefusesAMissingOrShortShard) {
  const auto message = [&] { return error_of(Kind::kData, [&] { StoredSet{folder_}; }); };
  std::filesystem::resize_file(folder_ / "shard-00001.h5", 1000);
  EXPECT_THAT(message(), AllOf(HasSubstr("shard-00001.h5"), HasSubstr("try: ")));
  std::filesystem::remove(folder_ / "shard-00001.h5");
  EXPECT_THAT(message(), AllOf(HasSubstr("shard-00001.h5 is missing"), HasSubstr("try: ")));
  std::filesystem::remove(folder_ / "index.h5");
  EXPECT_THAT(message(), HasSubstr("is not a packed data set"));
}

TEST_F(Packed, RefusesAnotherMajorVersion) {
  h5::File file = h5::File::create(folder_ / "index.h5");
  file.set_attribute("format", "espalier-index");
  file.set_attribute("version_major", 2);
  file.set_attribute("version_minor", 0);
  file.close();
  EXPECT_THAT(error_of(Kind::kData, [&] { read_index(folder_); }), HasSubstr("version 2.0"));
}

TEST_F(Packed, HashIsThatOfTheContents) {
  pack_images(temp_ / "images", temp_ / "again",
              {.shard_size = 800, .storage = pack::Storage::kEncoded}, 2);
  const std::string hash = StoredSet(folder_).hash();
  EXPECT_EQ(StoredSet(temp_ / "again").hash(), hash);
  write_noise(temp_ / "images/cat/00.png", 77, 6);
  pack_images(temp_ / "images", temp_ / "other",
              {.shard_size = 800, .storage = pack::Storage::kEncoded});
  EXPECT_NE(StoredSet(temp_ / "other").hash(), hash);
}

}  // namespace
}  // namespace espalier::shards

#include "data/feature_file.h"

#include <gmock/gmock.h>

#include <cstring>

#include "shards/h5.h"
#include "support/packed_set.h"

namespace espalier::data {
namespace {

using testing::HasSubstr;

constexpr int64_t kWidth = 3;

// Two images of each of two classes, and another without a name that CSV likes.
class FeatureFile : public testing::Test {
 protected:
  void SetUp() override {
    for (const std::string key : {"cat/0.png", "cat/1.png", "dog, brown/0.png", "dog, brown/1.png"})
      write_noise(temp / "images" / key, 1 + seed_++, 4);
    pack::PackOptions options;
    options.order = pack::SampleOrder::kPath;
    pack_images(temp / "images", temp / "set", options);
    for (size_t i = 0; i < 4 * kWidth; ++i) rows.push_back(0.1F + static_cast<float>(i));
  }

  Dataset set() const { return Dataset::open(temp / "set"); }
  std::string write(const std::string& name) const {
    write_features(temp / name, set(), all(4), rows, kWidth);
    return read_file(temp / name);
  }

  TempDir temp;
  std::vector<float> rows;

 private:
  uint64_t seed_ = 0;
};

// The layout of numpy.lib.format 1.0, byte for byte.
TEST_F(FeatureFile, NpyIsWhatNumPyDescribes) {
  const std::string bytes = write("rows.npy");
  ASSERT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const size_t length = static_cast<uint8_t>(bytes[8]) + 256 * static_cast<uint8_t>(bytes[9]);
  EXPECT_EQ((10 + length) % 64, 0U);
  const std::string header = bytes.substr(10, length);
  EXPECT_THAT(header,
              testing::StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }"));
  EXPECT_THAT(header, testing::EndsWith(" \n"));
  ASSERT_EQ(bytes.size(), 10 + length + rows.size() * sizeof(float));
  EXPECT_EQ(std::memcmp(bytes.data() + 10 + length, rows.data(), rows.size() * sizeof(float)), 0);
}

TEST_F(FeatureFile, NpyHasItsKeysBesideIt) {
  write("rows.npy");
  EXPECT_EQ(read_file(temp / "rows.npy.csv"),
            "key,label,class\n"
            "cat/0.png,0,cat\n"
            "cat/1.png,0,cat\n"
            "\"dog, brown/0.png\",1,\"dog, brown\"\n"
            "\"dog, brown/1.png\",1,\"dog, brown\"\n");
}

TEST_F(FeatureFile, CsvHasALineASampleWithNumbersThatReadBackEqual) {
  const std::string csv = write("rows.csv");
  EXPECT_THAT(csv, testing::StartsWith("key,label,class,0,1,2\ncat/0.png,0,cat,0.1,1.1,2.1\n"));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 5);
}

TEST_F(FeatureFile, Hdf5HasFeaturesKeysLabelsAndClasses) {
  write("rows.h5");
  const auto file = shards::h5::File::open(temp / "rows.h5");
  EXPECT_EQ(file.shape("features"), (std::vector<int64_t>{4, kWidth}));
  EXPECT_EQ(file.read<float>("features"), rows);
  EXPECT_EQ(file.read_texts("key")[2], "dog, brown/0.png");
  EXPECT_EQ(file.read<int64_t>("label"), (std::vector<int64_t>{0, 0, 1, 1}));
  EXPECT_THAT(file.read_texts("class_names"), testing::ElementsAre("cat", "dog, brown"));
}

TEST_F(FeatureFile, OfUnlabelledImagesHasNoClasses) {
  write_noise(temp / "flat" / "a.png", 1, 4);
  pack_images(temp / "flat", temp / "flat.set");
  const auto flat = Dataset::open(temp / "flat.set");
  for (const std::string& type : feature_file_types())
    write_features(temp / ("flat" + type), flat, all(1), std::span(rows).first(kWidth), kWidth);
  EXPECT_EQ(read_file(temp / "flat.npy.csv"), "key,label,class\na.png,-1,\n");
  const auto file = shards::h5::File::open(temp / "flat.h5");
  EXPECT_EQ(file.read<int64_t>("label"), (std::vector<int64_t>{-1}));
  EXPECT_TRUE(file.read_texts("class_names").empty());
}

TEST_F(FeatureFile, OfAnotherEndIsRefusedWithTheOnesThatThereAre) {
  EXPECT_THAT(error_of(Kind::kUsage, [&] { write("rows.txt"); }), HasSubstr("try: features.npy"));
}

}  // namespace
}  // namespace espalier::data

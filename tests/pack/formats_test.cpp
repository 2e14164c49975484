#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "pack/format.h"
#include "support/packed_set.h"

namespace espalier::pack {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<Format> open_source(const std::string& name, const std::filesystem::path& source) {
  auto format = Registry<Format>::create(name);
  format->open(source);
  return format;
}

std::string big_endian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

// Three images of 2 x 3 with the pixels 0, 1, 2, ..., and labels 4, 0, 2.
std::string idx_images() {
  std::string bytes = big_endian(0x803) + big_endian(3) + big_endian(2) + big_endian(3);
  for (char value = 0; value < 18; ++value) bytes += value;
  return bytes;
}
std::string idx_labels() { return big_endian(0x801) + big_endian(3) + std::string{4, 0, 2}; }

void write_gzip(const std::filesystem::path& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

void expect_idx(const Format& source) {
  EXPECT_EQ(source.size(), 3);
  EXPECT_THAT(source.class_names(), ElementsAre("0", "1", "2", "3", "4"));
  EXPECT_EQ(source.label(0), 4);
  EXPECT_EQ(source.key(1), "00000001");
  const auto image = std::get<image::Image>(source.read(1));
  EXPECT_EQ(image.height, 2);
  EXPECT_EQ(image.width, 3);
  EXPECT_THAT(image.pixels, ElementsAre(6, 7, 8, 9, 10, 11));
}

TEST(Idx, ReadsPlainAndCompressedFilesByNameOrPrefix) {
  TempDir temp;
  write_file(temp / "train-images-idx3-ubyte", idx_images());
  write_file(temp / "train-labels-idx1-ubyte", idx_labels());
  write_gzip(temp / "t10k-images-idx3-ubyte.gz", idx_images());
  write_gzip(temp / "t10k-labels-idx1-ubyte.gz", idx_labels());
  expect_idx(*open_source("idx", temp / "train"));
  expect_idx(*open_source("idx", temp / "train-images-idx3-ubyte"));
  expect_idx(*open_source("idx", temp / "t10k"));
  const std::filesystem::path gzip = temp / "t10k-images-idx3-ubyte.gz";
  write_gzip(gzip, idx_images().substr(0, 20));
  const std::string first = read_file(gzip);
  write_gzip(gzip, idx_images().substr(20));
  write_file(gzip, first + read_file(gzip));
  expect_idx(*open_source("idx", temp / "t10k"));
}

TEST(Idx, WithoutLabelsIsUnlabeled) {
  TempDir temp;
  write_file(temp / "x-images-idx3-ubyte", idx_images());
  const auto source = open_source("idx", temp / "x");
  EXPECT_EQ(source->label(2), -1);
  EXPECT_TRUE(source->class_names().empty());
}

TEST(Idx, RefusesDamage) {
  TempDir temp;
  const std::filesystem::path images = temp / "x-images-idx3-ubyte";
  write_file(images, idx_images().substr(0, 33));
  EXPECT_THAT(open_error("idx", images, Kind::kData), HasSubstr("has 33 bytes"));
  write_file(images, big_endian(0x803) + std::string(12, '\xff') + "abc");
  EXPECT_THAT(open_error("idx", images, Kind::kData), HasSubstr("a dimension"));
  write_file(images, idx_labels());
  EXPECT_THAT(open_error("idx", images, Kind::kData), HasSubstr("not an IDX file"));
  write_gzip(images, std::string(5000, 'x') + idx_images());
  write_file(images, read_file(images).substr(0, 40));
  EXPECT_THAT(open_error("idx", images, Kind::kData), HasSubstr("gzip"));
  EXPECT_THAT(open_error("idx", temp / "nothing", Kind::kUsage), HasSubstr("try: "));
}

std::string cifar_record(const std::string& labels, char first) {
  std::string planes;
  for (int plane = 0; plane < 3; ++plane)
    planes += std::string(1024, static_cast<char>(first + plane));
  return labels + planes;
}

TEST(Cifar, ReadsTheTrainingBatchesOfAFolderInOrder) {
  TempDir temp;
  write_file(temp / "data_batch_1.bin", cifar_record({1}, 10) + cifar_record({0}, 20));
  write_file(temp / "data_batch_2.bin", cifar_record({2}, 30));
  write_file(temp / "test_batch.bin", cifar_record({0}, 40));
  write_file(temp / "batches.meta.txt", "airplane\nautomobile\nbird\n\n");
  const auto train = open_source("cifar", temp.path());
  EXPECT_EQ(train->size(), 3);
  EXPECT_EQ(train->key(2), "data_batch_2.bin/00000");
  EXPECT_EQ(train->label(2), 2);
  EXPECT_THAT(train->class_names(), ElementsAre("airplane", "automobile", "bird"));
  const auto image = std::get<image::Image>(train->read(1));
  EXPECT_THAT(std::vector<uint8_t>(image.pixels.end() - 3, image.pixels.end()),
              ElementsAre(20, 21, 22));
  EXPECT_EQ(open_source("cifar", temp / "test_batch.bin")->size(), 1);
}

TEST(Cifar, TakesTheFineLabelOfCifar100) {
  TempDir temp;
  write_file(temp / "train.bin", cifar_record({7, 1}, 10) + cifar_record({7, 0}, 10));
  write_file(temp / "fine_label_names.txt", "apple\nbear\n");
  const auto source = open_source("cifar", temp.path());
  EXPECT_EQ(source->label(0), 1);
  EXPECT_THAT(source->class_names(), ElementsAre("apple", "bear"));
}

TEST(Cifar, RefusesAShortFile) {
  TempDir temp;
  write_file(temp / "train.bin", cifar_record({1}, 10).substr(1));
  EXPECT_THAT(open_error("cifar", temp.path(), Kind::kData), HasSubstr("3072 bytes"));
}

TEST(ImageFolder, NamesClassesInByteOrderAndLooksDeeper) {
  TempDir temp;
  for (const char* name : {"a b/1.png", "a/deep/er/2.PNG", "B/3.jpeg", "a/notes.txt", "a/.x.png",
                           ".cache/4.png", "a/.cache/5.png"}) {
    make_directories((temp / name).parent_path());
    write_file(temp / name, "x");
  }
  const auto source = open_source("image_folder", temp.path());
  EXPECT_THAT(source->class_names(), ElementsAre("B", "a", "a b"));
  ASSERT_EQ(source->size(), 3);
  EXPECT_EQ(source->key(1), "a b/1.png");
  EXPECT_EQ(source->label(1), 2);
  EXPECT_EQ(source->label(2), 1);
}

TEST(ImageFolder, KeysDoNotDependOnHowTheFolderIsWritten) {
  TempDir temp;
  write_noise(temp / "images/cat/1.png", 1, 2);
  for (const char* way : {"images", "images/", "images//", "./images/../images", "images/."}) {
    EXPECT_EQ(open_source("image_folder", temp / way)->key(0), "cat/1.png") << way;
  }
}

TEST(ImageFolder, RefusesImagesBesideClassFolders) {
  TempDir temp;
  write_noise(temp / "stray.png", 1, 2);
  write_noise(temp / "cat/1.png", 1, 2);
  EXPECT_THAT(open_error("image_folder", temp.path(), Kind::kUsage), HasSubstr("stray.png"));
}

}  // namespace
}  // namespace espalier::pack

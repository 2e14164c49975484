// csv, tar and hdf5.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "pack/format.h"
#include "shards/h5.h"
#include "support/packed_set.h"

namespace espalier::pack {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string foreign(const std::string& name) {
  return std::string(ESPALIER_TEST_DATA) + "/pack/foreign/" + name;
}

TEST(Csv, ReadsQuotedFieldsAndAnOptionalHeader) {
  TempDir temp;
  write_file(temp / "list.csv",
             "\xEF\xBB\xBFpath,label\r\n\"b,1.png\",\"red \"\"fox\"\"\"\r\n\na.png,cat\r\n");
  write_noise(temp / "b,1.png", 1, 3);
  const auto source = open_source("csv", temp / "list.csv");
  ASSERT_EQ(source->size(), 2);
  EXPECT_EQ(source->key(0), "a.png");
  EXPECT_EQ(source->key(1), "b,1.png");
  EXPECT_THAT(source->class_names(), ElementsAre("cat", "red \"fox\""));
  EXPECT_EQ(source->label(1), 1);
  EXPECT_EQ(std::get<std::vector<uint8_t>>(source->read(1)),
            image::encode_png(noise_image(1, 3, 3, 3)));
}

TEST(Csv, WithoutALabelColumnIsUnlabeled) {
  TempDir temp;
  write_file(temp / "list.csv", "sub/b.png\nsub/a.png");
  const auto source = open_source("csv", temp / "list.csv");
  EXPECT_EQ(source->key(0), "sub/a.png");
  EXPECT_EQ(source->label(0), -1);
  EXPECT_THAT(source->class_names(), IsEmpty());
}

TEST(Csv, KeysOfAbsolutePathsBeginAtTheFolderThatHoldsAll) {
  TempDir temp;
  write_noise(temp / "set" / "cat" / "1.png", 1, 3);
  const std::string set = (temp / "set").string();
  write_file(temp / "list.csv",
             fmt::format("{0}/cat/1.png,cat\n{0}/cat/10.png,cat\n{0}/cab.png,dog\n", set));
  const auto source = open_source("csv", temp / "list.csv");
  EXPECT_EQ(source->key(0), "cab.png");
  EXPECT_EQ(source->key(1), "cat/1.png");
  EXPECT_EQ(std::get<std::vector<uint8_t>>(source->read(1)),
            image::encode_png(noise_image(1, 3, 3, 3)));
}

TEST(Csv, NamesTheLineOfEveryFault) {
  TempDir temp;
  const auto said = [&](const std::string& text) {
    write_file(temp / "list.csv", text);
    return open_error("csv", temp / "list.csv", Kind::kData);
  };
  EXPECT_THAT(said("a.png,cat\nb.png\n"), HasSubstr("list.csv:2: 1 fields"));
  EXPECT_THAT(said("a.png,cat,1\n"), HasSubstr("list.csv:1: 3 fields"));
  EXPECT_THAT(said("a.png,cat\n\nb.png,\"dog\n"), HasSubstr("list.csv:3: the quote"));
  EXPECT_THAT(said("a.png,\"cat\"s\n"), HasSubstr("list.csv:1: text after"));
  EXPECT_THAT(said("a.png,c\"t\n"), HasSubstr("list.csv:1: a quote"));
  EXPECT_THAT(said("a.png,cat\n,dog\n"), HasSubstr("list.csv:2: the path is empty"));
  EXPECT_THAT(said("a.png,\n"), HasSubstr("list.csv:1: the label is empty"));
  EXPECT_THAT(said(std::string("a.png,c\0t\n", 10)), HasSubstr("list.csv:1: the label holds"));
  EXPECT_THAT(said("a.png,cat\nb.png,cat\na.png,dog\n"),
              HasSubstr("list.csv:3: a.png is already in line"));
  EXPECT_THAT(said("/etc/a.png,cat\nb.png,cat\n"), HasSubstr("list.csv:2: b.png is relative"));
  EXPECT_THAT(said("/\n"), HasSubstr("list.csv:1: / is a folder"));
  EXPECT_THAT(said("path,label\n"), HasSubstr("holds no images"));
  write_file(temp / "list.csv", "a.png,cat\nb.png,cat\n");
  const auto source = open_source("csv", temp / "list.csv");
  EXPECT_THAT(error_of(Kind::kIo, [&] { source->read(1); }), HasSubstr("list.csv:2: cannot open"));
  write_file(temp / "list.csv", "path,class\nb.png,cat\n");
  EXPECT_THAT(open_error("csv", temp / "list.csv", Kind::kUsage), HasSubstr("try: path,label"));
}

// A member of a tar file, POSIX ustar.
std::string member(const std::string& name, const std::string& bytes, char type = '0') {
  std::string header(512, '\0');
  const auto put = [&](size_t at, const std::string& text) {
    header.replace(at, text.size(), text);
  };
  put(0, name);
  put(100, "0000644");
  put(124, fmt::format("{:011o}", bytes.size()));
  put(136, "00000000000");
  put(148, "        ");
  header[156] = type;
  put(257, std::string("ustar\0"
                       "00",
                       8));
  int sum = 0;
  for (const unsigned char letter : header) sum += letter;
  put(148, fmt::format("{:06o}", sum));
  header[154] = '\0';
  return header + bytes + std::string((512 - bytes.size() % 512) % 512, '\0');
}
std::string tar_end() { return std::string(1024, '\0'); }

TEST(Tar, PairsImagesWithClassNames) {
  TempDir temp;
  write_file(temp / "set.tar", member("./b.jpg", "BBB") + member("./b.cls", "dog\n") +
                                   member("a.x/a.JPEG", "AA") + member("a.x/a.cls", "cat") +
                                   member("a.x/a.json", "{}") + member("d", "", '5') + tar_end());
  const auto source = open_source("tar", temp / "set.tar");
  ASSERT_EQ(source->size(), 2);
  EXPECT_EQ(source->key(0), "a.x/a.JPEG");
  EXPECT_EQ(source->key(1), "b.jpg");
  EXPECT_THAT(source->class_names(), ElementsAre("cat", "dog"));
  EXPECT_EQ(source->label(0), 0);
  EXPECT_EQ(source->label(1), 1);
  EXPECT_THAT(std::get<std::vector<uint8_t>>(source->read(1)), ElementsAre('B', 'B', 'B'));
  EXPECT_THAT(std::get<std::vector<uint8_t>>(source->read(0)), ElementsAre('A', 'A'));
}

TEST(Tar, TakesNumbersAsClassesAndAFolderOfFiles) {
  TempDir temp;
  write_file(temp / "b.tar", member("x.png", "1") + member("x.cls", "2") + tar_end());
  write_file(temp / "a.tar", member("x.png", "22") + member("x.cls", "0") + tar_end());
  write_file(temp / "notes.txt", "");
  const auto source = open_source("tar", temp.path());
  ASSERT_EQ(source->size(), 2);
  EXPECT_EQ(source->key(0), "a.tar/x.png");
  EXPECT_EQ(source->label(1), 2);
  EXPECT_THAT(source->class_names(), ElementsAre("0", "1", "2"));
}

TEST(Tar, ReadsLongNamesAndImagesWithoutClass) {
  TempDir temp;
  const std::string name(150, 'n');
  write_file(temp / "set.tar", member("././@LongLink", name + ".png" + '\0', 'L') +
                                   member(name.substr(0, 100), "PP") + tar_end());
  const auto source = open_source("tar", temp / "set.tar");
  EXPECT_EQ(source->key(0), name + ".png");
  EXPECT_EQ(source->label(0), -1);
  EXPECT_THAT(std::get<std::vector<uint8_t>>(source->read(0)), ElementsAre('P', 'P'));
}

TEST(Tar, ReadsMoreFilesThanMayBeOpen) {
  TempDir temp;
  for (int i = 0; i < 40; ++i) {
    write_file(temp / fmt::format("{:02d}.tar", i), member("x.png", "1") + tar_end());
  }
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few{.rlim_cur = 32, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const auto source = open_source("tar", temp.path());
  for (int64_t i = 0; i < source->size(); ++i) EXPECT_NO_THROW(source->read(i));
  EXPECT_EQ(source->size(), 40);
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST(Tar, RefusesCompressedCutAndDoubledMembers) {
  TempDir temp;
  write_file(temp / "set.tar", "\x1f\x8b rest");
  EXPECT_THAT(open_error("tar", temp / "set.tar", Kind::kUsage), HasSubstr("try: gunzip"));
  const std::string whole = member("a.png", std::string(2000, 'x'));
  write_file(temp / "set.tar", whole.substr(0, 1500));
  EXPECT_THAT(open_error("tar", temp / "set.tar", Kind::kData), HasSubstr("set.tar"));
  write_file(temp / "set.tar", whole + whole + tar_end());
  EXPECT_THAT(open_error("tar", temp / "set.tar", Kind::kData), HasSubstr("a.png is there twice"));
  write_file(temp / "set.tar", whole + member("a.cls", "1") + member("a.cls", "2") + tar_end());
  EXPECT_THAT(open_error("tar", temp / "set.tar", Kind::kData), HasSubstr("a.cls is there twice"));
  write_file(temp / "set.tar", std::string(1000, 'z'));
  EXPECT_THAT(open_error("tar", temp / "set.tar", Kind::kData), HasSubstr("not a tar file"));
  EXPECT_THAT(open_error("tar", temp / "nothing.tar", Kind::kIo), HasSubstr("nothing.tar"));
}

TEST(Hdf5, ReadsAGroupForEachClass) {
  const auto source = open_source("hdf5", foreign("groups.h5"));
  ASSERT_EQ(source->size(), 4);
  EXPECT_THAT(source->class_names(), ElementsAre("cat", "dog"));
  EXPECT_EQ(source->key(2), "dog/dog_0.jpg");
  EXPECT_EQ(source->label(2), 1);
  const auto bytes = std::get<std::vector<uint8_t>>(source->read(3));
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()),
            read_file(std::string(ESPALIER_TEST_DATA) + "/pack/small.jpg"));
}

TEST(Hdf5, ReadsArraysOfImagesAndLabels) {
  const auto source = open_source("hdf5", foreign("arrays.h5"));
  ASSERT_EQ(source->size(), 3);
  EXPECT_EQ(source->label(0), 2);
  EXPECT_THAT(source->class_names(), ElementsAre("0", "1", "2"));
  const auto image = std::get<image::Image>(source->read(1));
  EXPECT_EQ(image.height, 2);
  EXPECT_EQ(image.width, 4);
  EXPECT_EQ(image.channels, 3);
  for (int64_t i = 0; i < 24; ++i) EXPECT_EQ(image.pixels[i], 24 + i);
  const auto grey = open_source("hdf5", foreign("grey.h5"));
  EXPECT_EQ(std::get<image::Image>(grey->read(2)).channels, 1);
  EXPECT_EQ(open_source("hdf5", foreign("latest.h5"))->size(), 3) << "superblock version 3";
  EXPECT_EQ(grey->label(0), -1);
}

TEST(Hdf5, RefusesWhatIsNoImages) {
  EXPECT_THAT(open_error("hdf5", foreign("float.h5"), Kind::kData), HasSubstr("no u8 array"));
  EXPECT_THAT(open_error("hdf5", foreign("labels.h5"), Kind::kData),
              HasSubstr("2 values for 3 images"));
  TempDir temp;
  write_file(temp / "a.h5", "text");
  EXPECT_THAT(open_error("hdf5", temp / "a.h5", Kind::kData), HasSubstr("a.h5"));
}

TEST(Hdf5, RefusesAShapeThatTheFileCannotHold) {
  TempDir temp;
  shards::h5::File file = shards::h5::File::create(temp / "a.h5");
  file.write<int64_t>("x", {1, 2, 3, 4, 5, 6, 7});
  file.close();
  std::string bytes = read_file(temp / "a.h5");
  const std::string seven("\7\0\0\0\0\0\0\0", 8);  // the length, before the values
  bytes[bytes.find(seven) + 5] = 1;
  write_file(temp / "a.h5", bytes);
  EXPECT_THAT(
      error_of(Kind::kData, [&] { shards::h5::File::open(temp / "a.h5").read<int64_t>("x"); }),
      HasSubstr("x is missing, damaged or of another type"));
}

TEST(Hdf5, PacksFromManyThreads) {
  TempDir temp;
  pack_images(foreign("groups.h5"), temp / "one", {}, 1, "hdf5");
  pack_images(foreign("groups.h5"), temp / "two", {.threads = 3}, 2, "hdf5");
  EXPECT_EQ(read_file(temp / "one" / shards::kChecksumsName),
            read_file(temp / "two" / shards::kChecksumsName));
}

}  // namespace
}  // namespace espalier::pack

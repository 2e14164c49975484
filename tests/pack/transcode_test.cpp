#include "pack/transcode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "image/colour.h"
#include "pack/traits.h"
#include "pack/turbojpeg.h"
#include "shards/flags.h"
#include "shards/stored_set.h"
#include "support/packed_set.h"

namespace espalier::pack {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kFolder = std::string(ESPALIER_TEST_DATA) + "/pack/exif/";

std::vector<uint8_t> fixture(const std::string& name) {
  const std::string text = read_file(kFolder + name);
  return {text.begin(), text.end()};
}

struct Upright {
  int64_t height = 0, width = 0;
  std::string sha256;
};

// What Pillow made of each fixture.
std::map<std::string, Upright> expected() {
  std::map<std::string, Upright> rows;
  std::istringstream lines(read_file(kFolder + "expected.tsv"));
  std::string name;
  Upright row;
  while (lines >> name >> row.height >> row.width >> row.sha256) rows[name] = row;
  return rows;
}

Upright as_row(const image::Image& image) {
  return {image.height, image.width,
          to_hex(Sha256().update(image.pixels.data(), image.pixels.size()).digest())};
}

TEST(Transcode, PixelsOfEveryOrientationAreThoseOfPillowsExifTranspose) {
  const auto rows = expected();
  ASSERT_EQ(rows.size(), 28U);
  for (const auto& [name, row] : rows) {
    const Upright got = as_row(transcode(fixture(name), {}).pixels);
    EXPECT_EQ(got.height, row.height) << name;
    EXPECT_EQ(got.width, row.width) << name;
    EXPECT_EQ(got.sha256, row.sha256) << name;
  }
}

TEST(Transcode, TurnsJpegsWithoutLossWhereTheirBlocksAllowAndElseToPng) {
  for (int k = 2; k <= 8; ++k) {
    const Transcoded whole = transcode(fixture(fmt::format("whole-{}.jpg", k)), {});
    EXPECT_EQ(whole.codec, image::Codec::kJpeg) << k;
    EXPECT_EQ(whole.flags, shards::kTurned) << k;
    EXPECT_EQ(traits_of(whole.bytes).orientation, 1) << "it would be turned twice";
    const image::Image shown = image::decode(whole.bytes).image;
    ASSERT_EQ(shown.pixels.size(), whole.pixels.pixels.size());
    for (size_t i = 0; i < shown.pixels.size(); ++i) {
      ASSERT_NEAR(shown.pixels[i], whole.pixels.pixels[i], 6) << k;
    }
  }
  for (const int k : {3, 6, 7}) {
    const Transcoded odd = transcode(fixture(fmt::format("odd-{}.jpg", k)), {});
    EXPECT_EQ(odd.codec, image::Codec::kPng) << k;
    EXPECT_EQ(image::decode(odd.bytes).image, odd.pixels) << k;
  }
}

TEST(Transcode, BaselineShowsThePixelsOfTheProgressiveFile) {
  const std::vector<uint8_t> progressive = fixture("progressive.jpg");
  EXPECT_TRUE(traits_of(progressive).progressive);
  const Transcoded baseline = transcode(progressive, {});
  EXPECT_EQ(baseline.flags, shards::kBaseline);
  EXPECT_FALSE(traits_of(baseline.bytes).progressive);
  EXPECT_EQ(image::decode(baseline.bytes).image, image::decode(progressive).image);
  EXPECT_TRUE(transcode(progressive, {.baseline = false}).bytes.empty());
  const Transcoded both = transcode(fixture("progressive-6.jpg"), {});
  EXPECT_EQ(both.flags, shards::kBaseline | shards::kTurned);
  EXPECT_FALSE(traits_of(both.bytes).progressive);
}

TEST(Transcode, LeavesTheOrientationOnDemandAndSaysSo) {
  const std::vector<uint8_t> bytes = fixture("odd-6.jpg");
  const Transcoded kept = transcode(bytes, {.turn = false});
  EXPECT_EQ(kept.flags, shards::kOrientationIgnored);
  EXPECT_TRUE(kept.bytes.empty());
  EXPECT_EQ(kept.pixels, image::decode(bytes).image);
}

TEST(Transcode, ReducesTheLongerSideAndKeepsTheRatio) {
  const Transcoded small = transcode(fixture("whole-1.jpg"), {.max_side = 10});
  EXPECT_EQ(small.pixels.height, 5);
  EXPECT_EQ(small.pixels.width, 10);
  EXPECT_EQ(small.codec, image::Codec::kJpeg);
  EXPECT_EQ(small.bytes, encode_jpeg(small.pixels, 95));
  EXPECT_EQ(small.flags, shards::kResized);
  EXPECT_EQ(transcode(fixture("whole-1.jpg"), {.max_side = 32}).flags, 0U);
}

TEST(Transcode, FlagsInksBitsAndAlpha) {
  EXPECT_EQ(transcode(fixture("cmyk.jpg"), {}).flags, shards::kCmyk);
  EXPECT_EQ(transcode(fixture("grey.jpg"), {}).pixels.channels, 1);
  // IHDR, then nothing: enough for the traits.
  std::vector<uint8_t> png = image::encode_png(noise_image(1, 2, 2, 3));
  png[24] = 16;
  png[25] = 6;
  EXPECT_TRUE(traits_of(png).sixteen_bits);
  EXPECT_TRUE(traits_of(png).alpha);
}

std::vector<uint8_t> golden(const std::string& name) {
  const std::string text = read_file(std::string(ESPALIER_TEST_DATA) + "/golden/images/" + name);
  return {text.begin(), text.end()};
}

TEST(Transcode, WhatIsNotOpaqueIsStoredOverTheBackgroundAndOnlyThat) {
  for (const char* name : {"rgba.png", "grey_alpha.png", "palette_alpha.png", "rgba16.png"}) {
    const Transcoded stored = transcode(golden(name), {.background = {200, 30, 90}});
    EXPECT_EQ(stored.flags & (shards::kAlpha | shards::kComposited),
              shards::kAlpha | shards::kComposited)
        << name;
    EXPECT_EQ(stored.pixels.channels, 3) << name;
    EXPECT_FALSE(traits_of(stored.bytes).alpha) << name;
    EXPECT_EQ(image::decode(stored.bytes).image, stored.pixels) << name;
  }
  for (const char* name : {"rgb.png", "grey.png", "444.jpg"}) {
    const Transcoded stored = transcode(golden(name), {.background = {200, 30, 90}});
    EXPECT_EQ(stored.flags, 0U) << name;
    EXPECT_TRUE(stored.bytes.empty()) << name;
  }
}

TEST(Transcode, RefusesMorePixelsThanTheLimit) {
  const StorageRules rules{.limits = {.max_pixels = 255}};
  EXPECT_THAT(error_of(Kind::kData, [&] { transcode(fixture("grey.jpg"), rules); }),
              HasSubstr("255"));
}

// A JPEG's start with these EXIF segments.
std::vector<uint8_t> with_exif(const std::vector<std::string>& segments) {
  std::string bytes = "\xFF\xD8\xFF";
  for (const std::string& exif : segments) {
    bytes += std::string("\xE1\0", 2) + static_cast<char>(exif.size() + 8);
    bytes += std::string("Exif\0\0", 6) + exif + '\xFF';
  }
  return {bytes.begin(), bytes.end()};
}

// TIFF of low byte first, whose directory has these entries of 12 bytes.
std::string tiff(const std::vector<std::string>& entries) {
  std::string text("II*\0\x08\0\0\0", 8);
  text += std::string{static_cast<char>(entries.size()), 0};
  for (const std::string& entry : entries) text += entry;
  return text;
}

std::string entry(char type, char count, const std::string& value) {
  return std::string{0x12, 1, type, 0, count, 0, 0, 0} + value + std::string(4 - value.size(), 0);
}

int orientation_of(const std::vector<std::string>& segments) {
  return traits_of(with_exif(segments)).orientation;
}

// Each as Pillow 13's exif_transpose does it.
TEST(Traits, FindTheOrientationWherePillowFindsIt) {
  const std::string six("\6", 1), three("\3", 1);
  EXPECT_EQ(orientation_of({tiff({entry(3, 1, six)})}), 6);
  EXPECT_EQ(orientation_of({tiff({entry(4, 1, six)})}), 6) << "of four bytes";
  EXPECT_EQ(orientation_of({tiff({entry(3, 2, {6, 0, 3, 0})})}), 6) << "the first of two values";
  EXPECT_EQ(orientation_of({tiff({entry(3, 3, {99})})}), 1) << "past the end";
  EXPECT_EQ(orientation_of({tiff({entry(3, 3, {22})}) + std::string{6, 0, 3, 0, 3, 0}}), 6)
      << "three values, which stand elsewhere";
  EXPECT_EQ(orientation_of({tiff({entry(3, 0, three), entry(3, 1, six)})}), 6) << "no value";
  EXPECT_EQ(orientation_of({tiff({entry(3, 1, six), entry(3, 1, three)})}), 6) << "the first";
  EXPECT_EQ(orientation_of({tiff({entry(3, 1, {9}), entry(3, 1, six)})}), 1) << "9 means nothing";
  EXPECT_EQ(orientation_of({tiff({}), tiff({entry(3, 1, six)})}), 1) << "the first segment";
  EXPECT_EQ(orientation_of({std::string("Exif\0\0", 6) + tiff({entry(3, 1, six)})}), 6);
  EXPECT_EQ(orientation_of({"II+" + tiff({entry(3, 1, six)}).substr(3)}), 1) << "no TIFF";
}

TEST(Traits, EndWithTheFile) {
  const std::vector<uint8_t> whole = fixture("whole-6.jpg");
  for (size_t size = 0; size < whole.size(); ++size) {
    const int orientation = traits_of({whole.data(), size}).orientation;
    EXPECT_TRUE(orientation == 1 || orientation == 6);
  }
}

// Every kind of image at once, by every number of ranks and threads.
TEST(PackRules, GiveTheSameBytesAtAnyRankAndThreadCount) {
  TempDir temp;
  std::filesystem::copy(kFolder, temp / "images");
  write_noise(temp / "images/double.png", 5, 9);
  write_noise(temp / "images/double2.png", 5, 9);
  const PackOptions options{.shard_size = 4000, .duplicates = Duplicates::kDrop, .max_side = 30};
  pack_images(temp / "images", temp / "one", options);
  for (const int ranks : {2, 3}) {
    PackOptions others = options;
    others.threads = 3;
    others.memory = ranks == 3 ? 0 : 1000;
    const auto out = temp / fmt::format("ranks{}", ranks);
    pack_images(temp / "images", out, others, ranks);
    EXPECT_EQ(read_file(out / shards::kChecksumsName),
              read_file(temp / "one" / shards::kChecksumsName))
        << ranks;
  }
  EXPECT_EQ(read_file(temp / "one/skipped.tsv"), "double2.png\tequal to double.png\n");
  const shards::StoredSet set(temp / "one");
  for (int64_t i = 0; i < set.size(); ++i) {
    EXPECT_LE(std::max(set.image(i).height, set.image(i).width), 30);
  }
}

TEST(PackRules, RawSetsOfGreyAndColourAreColour) {
  TempDir temp;
  write_bytes(temp / "images/a.png", image::encode_png(noise_image(1, 4, 4, 1)));
  write_noise(temp / "images/b.png", 2, 4);
  for (const int64_t memory : {0, 1 << 20}) {
    const auto out = temp / fmt::format("packed{}", memory);
    pack_images(temp / "images", out, {.order = SampleOrder::kPath, .memory = memory});
    const shards::StoredSet set(out);
    EXPECT_EQ(set.index().facts.kind, shards::SetKind::kRaw);
    image::Image rgb;
    image::to_rgb(noise_image(1, 4, 4, 1), rgb);
    EXPECT_EQ(set.image(0), rgb);
    EXPECT_EQ(set.image(1), noise_image(2, 4, 4, 3));
    EXPECT_EQ(set.index().table.at(0).flags, shards::kGreyAsRgb);
  }
}

TEST(PackRules, RawSetsAreTurnedAndReduced) {
  TempDir temp;
  make_directories(temp / "images");
  for (const char* name : {"whole-1.jpg", "whole-6.jpg", "whole-3.jpg"}) {
    std::filesystem::copy(kFolder + name, temp / "images" / name);
  }
  pack_images(temp / "images", temp / "ignored", {.orientation = Orientation::kIgnore});
  EXPECT_EQ(shards::StoredSet(temp / "ignored").index().facts.kind, shards::SetKind::kRaw);
  pack_images(temp / "images", temp / "applied", {.order = SampleOrder::kPath});
  const shards::StoredSet set(temp / "applied");
  EXPECT_EQ(set.index().facts.kind, shards::SetKind::kEncoded) << "upright they differ in size";
  EXPECT_EQ(set.image(2).height, 32);
}

TEST(PackRules, DuplicatesOfAnotherClassAreNamed) {
  TempDir temp;
  write_noise(temp / "images/cat/1.png", 1, 4);
  write_noise(temp / "images/dog/1.png", 1, 4);
  pack_images(temp / "images", temp / "kept");
  EXPECT_EQ(shards::StoredSet(temp / "kept").size(), 2);
  pack_images(temp / "images", temp / "packed", {.duplicates = Duplicates::kDrop});
  EXPECT_EQ(read_file(temp / "packed/skipped.tsv"),
            "dog/1.png\tequal to cat/1.png, whose class is another\n");
}

}  // namespace
}  // namespace espalier::pack

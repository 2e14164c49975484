#include "image/codec.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "core/error.h"
#include "core/hash.h"
#include "core/jsonl.h"
#include "support.h"

namespace espalier::image {
namespace {

using testing::HasSubstr;
using Bytes = std::vector<uint8_t>;

template <typename Call>
std::string data_error(Call call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kData);
    return error.what();
  }
  return "no error";
}

void write_big_endian(Bytes& bytes, size_t at, int count, uint32_t value) {
  for (int i = 0; i < count; ++i)
    bytes[at + i] = static_cast<uint8_t>(value >> 8 * (count - 1 - i));
}

Bytes png_of_size(uint32_t height, uint32_t width) {
  Bytes bytes = fixture("rgb.png");
  write_big_endian(bytes, 16, 4, width);
  write_big_endian(bytes, 20, 4, height);
  write_big_endian(bytes, 29, 4, crc32(std::span(bytes).subspan(12, 17)));
  return bytes;
}

Bytes jpeg_of_size(uint32_t height, uint32_t width) {
  Bytes bytes = fixture("444.jpg");
  const Bytes start_of_frame = {0xFF, 0xC0};
  const size_t at =
      std::search(bytes.begin(), bytes.end(), start_of_frame.begin(), start_of_frame.end()) -
      bytes.begin();
  write_big_endian(bytes, at + 5, 2, height);
  write_big_endian(bytes, at + 7, 2, width);
  return bytes;
}

TEST(Codec, PixelsEqualPillowInEveryKindOfFile) {
  const auto rows = read_jsonl(ESPALIER_TEST_DATA "/golden/decode.jsonl");
  EXPECT_GE(rows.size(), 20u);
  for (const Json& row : rows) {
    const Bytes bytes = fixture(row["file"]);
    const Header header = read_header(bytes);
    const Background background = row.value("background", kWhite);
    const Image image = decode(bytes, {}, background).image;
    EXPECT_EQ((std::vector{image.height, image.width}), row["size"].get<std::vector<int64_t>>());
    EXPECT_EQ(image.channels, row["channels"].get<int64_t>()) << row;
    const int64_t channels = background == kWhite ? header.channels : image.channels;
    EXPECT_EQ((std::tuple{header.height, header.width, channels}),
              (std::tuple{image.height, image.width, image.channels}))
        << row;
    EXPECT_EQ(Sha256().update(image.pixels.data(), image.pixels.size()).hex(), row["sha256"])
        << row;
  }
}

TEST(Codec, KindIsReadFromTheFirstBytes) {
  EXPECT_EQ(sniff(fixture("420.jpg")), Codec::kJpeg);
  EXPECT_EQ(sniff(fixture("rgb.png")), Codec::kPng);
  EXPECT_EQ(sniff(Bytes{'G', 'I', 'F', '8'}), std::nullopt);
  EXPECT_EQ(sniff({}), std::nullopt);
  EXPECT_THAT(data_error([] { decode(Bytes{'G', 'I', 'F', '8'}); }), HasSubstr("neither"));
}

TEST(Codec, FileThatEndsAnywhereBeforeItsEndIsDamaged) {
  for (const char* name : {"420.jpg", "progressive.jpg", "rgb.png", "interlaced.png"}) {
    const Bytes bytes = fixture(name);
    for (size_t count = 0; count < bytes.size(); ++count) {
      EXPECT_NE(data_error([&] { decode(std::span(bytes).first(count)); }), "no error")
          << name << " cut to " << count << " of " << bytes.size();
    }
  }
}

TEST(Codec, FlippedByteOfAPngIsDamage) {
  Bytes bytes = fixture("rgb.png");
  bytes[bytes.size() / 2] ^= 1;
  EXPECT_THAT(data_error([&] { decode(bytes); }), HasSubstr("damaged PNG"));
}

TEST(Codec, ExtraneousBytesAreFlaggedAndThePixelsKept) {
  const Decoded plain = decode(fixture("444.jpg"));
  const Decoded extraneous = decode(fixture("extraneous.jpg"));
  EXPECT_FALSE(plain.extraneous_bytes);
  EXPECT_TRUE(extraneous.extraneous_bytes);
  EXPECT_EQ(extraneous.image, plain.image);
}

TEST(Codec, HugeHeaderIsRefusedBeforeItsPixelsAreAllocated) {
  for (const Bytes& bytes : {jpeg_of_size(65500, 65500), png_of_size(900'000, 900'000)}) {
    EXPECT_THAT(data_error([&] { read_header(bytes); }), HasSubstr("the limit is 100000000"));
    EXPECT_THAT(data_error([&] { decode(bytes); }), HasSubstr("the limit is 100000000"));
  }
}

TEST(Codec, LimitsAreThoseGiven) {
  const Bytes progressive = fixture("progressive.jpg");  // 37 x 51 pixels, 10 scans
  EXPECT_NO_THROW(decode(progressive, {.max_pixels = 37 * 51, .max_scans = 10}));
  EXPECT_THAT(data_error([&] { decode(progressive, {.max_pixels = 37 * 51 - 1}); }),
              HasSubstr("37 x 51"));
  EXPECT_THAT(data_error([&] { decode(progressive, {.max_scans = 9}); }),
              HasSubstr("more than 9 scans"));
}

TEST(Codec, EncodedPngReadsBackEqual) {
  for (const char* name : {"grey.jpg", "420.jpg"}) {
    const Image image = decode(fixture(name)).image;
    EXPECT_EQ(decode(encode_png(image)).image, image);
  }
}

TEST(Codec, ThreadsDecodeAtOnce) {
  const Bytes good = fixture("progressive.jpg"), bad = Bytes(good.begin(), good.end() - 9);
  const Image expected = decode(good).image;
  std::vector<int> right(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        right[t] += decode(good).image == expected;
        right[t] += data_error([&] { decode(bad); }) != "no error";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, (std::vector<int>{100, 100, 100, 100}));
}

}  // namespace
}  // namespace espalier::image

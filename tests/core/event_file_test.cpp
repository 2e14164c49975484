#include "core/event_file.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <map>

#include "core/files.h"
#include "support/temp_dir.h"

namespace espalier {
namespace {

// Castagnoli's check value, and the vector of RFC 3720, section B.4.
TEST(Crc32c, IsThePublishedOne) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
}

template <typename T>
T number(std::string_view text, size_t at = 0) {
  T value;
  std::memcpy(&value, text.substr(at).data(), sizeof(T));
  return value;
}

// A slow, obvious reader of a protobuf message: field number and content of each field.
std::vector<std::pair<int, std::string>> fields(std::string_view text) {
  std::vector<std::pair<int, std::string>> found;
  size_t at = 0;
  const auto varint = [&] {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(text.at(at++));
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < text.size()) {
    const uint64_t key = varint();
    size_t size = 0;
    if (key % 8 == 0) {
      found.emplace_back(static_cast<int>(key / 8), std::to_string(varint()));
      continue;
    }
    if (key % 8 == 1) size = 8;
    if (key % 8 == 5) size = 4;
    if (key % 8 == 2) size = varint();
    found.emplace_back(static_cast<int>(key / 8), text.substr(at, size));
    at += size;
  }
  return found;
}

// The events of a file, whose checksums must be right.
std::vector<std::map<int, std::string>> events(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  const auto unmask = [](uint32_t masked) { return std::rotl(masked - 0xa282ead8U, 15); };
  std::vector<std::map<int, std::string>> found;
  for (size_t at = 0; at < text.size();) {
    const auto length = number<uint64_t>(text, at);
    EXPECT_EQ(unmask(number<uint32_t>(text, at + 8)), crc32c(text.substr(at, 8)));
    const std::string event = text.substr(at + 12, length);
    EXPECT_EQ(unmask(number<uint32_t>(text, at + 12 + length)), crc32c(event));
    found.emplace_back();
    for (const auto& [key, content] : fields(event)) found.back()[key] = content;
    at += length + 16;
  }
  return found;
}

TEST(EventFile, HoldsWhatIsWrittenAndSaysWhereItBegins) {
  const TempDir folder;
  EventFile file(folder.path(), 101);
  file.write(300, {{"loss", 0.25}, {"lr", 1e-3}});
  file.write(301, {{"loss", -2}});
  const auto found = events(file.path());
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].at(3), "brain.Event:2");
  EXPECT_EQ(found[1].at(2), "101");
  EXPECT_EQ(fields(found[1].at(7)), (std::vector<std::pair<int, std::string>>{{1, "1"}}));
  EXPECT_EQ(found[2].at(2), "300");
  EXPECT_GT(number<double>(found[2].at(1)), 1.6e9);
  const auto values = fields(found[2].at(5));
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(fields(values[0].second)[0].second, "loss");
  EXPECT_EQ(number<float>(fields(values[0].second)[1].second), 0.25F);
  EXPECT_EQ(fields(values[1].second)[0].second, "lr");
  EXPECT_EQ(number<float>(fields(values[1].second)[1].second), 1e-3F);
  EXPECT_EQ(number<float>(fields(fields(found[3].at(5))[0].second)[1].second), -2.0F);
}

TEST(EventFile, ALaterFileComesAfterAnEarlierOneByName) {
  const TempDir folder;
  const EventFile first(folder.path(), 0), second(folder.path(), 0);
  EXPECT_LT(first.path(), second.path());
}

}  // namespace
}  // namespace espalier

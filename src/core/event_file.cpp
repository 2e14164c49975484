#include "core/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>

#include "core/error.h"

namespace espalier {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::array<uint32_t, 256> castagnoli() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (value & 1 ? 0x82f63b78U : 0);
    table[byte] = value;
  }
  return table;
}

template <typename T>
std::string bytes_of(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

std::string varint(uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text += static_cast<char>(value | 0x80);
  return text + static_cast<char>(value);
}

// Fields of a protobuf message; `number` is at most 15.
enum class Wire : int { kVarint = 0, k64 = 1, kBytes = 2, k32 = 5 };
std::string key(int number, Wire wire) {
  return {static_cast<char>(number << 3 | static_cast<int>(wire))};
}
std::string field(int number, std::string_view bytes) {
  return key(number, Wire::kBytes) + varint(bytes.size()) + std::string(bytes);
}

std::string masked_crc(std::string_view bytes) {
  return bytes_of<uint32_t>(std::rotr(crc32c(bytes), 15) + 0xa282ead8U);
}

int64_t microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string event(int64_t step, const std::string& what) {
  return key(1, Wire::k64) + bytes_of(static_cast<double>(microseconds()) * 1e-6) +
         key(2, Wire::kVarint) + varint(static_cast<uint64_t>(step)) + what;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = castagnoli();
  uint32_t crc = ~0U;
  for (const char byte : bytes) crc = kTable[(crc ^ static_cast<uint8_t>(byte)) & 0xff] ^ crc >> 8;
  return ~crc;
}

// TensorBoard reads the files of a folder in the order of their names.
EventFile::EventFile(const std::filesystem::path& folder, int64_t first_step) {
  const int64_t now = microseconds();
  path_ = folder /
          fmt::format("events.out.tfevents.{:010}.{:06}.espalier", now / 1000000, now % 1000000);
  descriptor_ = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  check(descriptor_ >= 0, Kind::kIo, "cannot open {}: {}", path_.string(), errno_text());
  constexpr char kStart = 1;
  append(event(0, field(3, "brain.Event:2")));
  append(event(first_step, field(7, key(1, Wire::kVarint) + kStart)));
}

EventFile::~EventFile() { close(descriptor_); }

void EventFile::write(int64_t step, const std::vector<std::pair<std::string, double>>& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars)
    summary +=
        field(1, field(1, tag) + key(2, Wire::k32) + bytes_of<float>(static_cast<float>(value)));
  append(event(step, field(5, summary)));
}

void EventFile::append(std::string_view event) {
  const std::string length = bytes_of<uint64_t>(event.size());
  const std::string record = length + masked_crc(length) + std::string(event) + masked_crc(event);
  for (size_t at = 0; at < record.size();) {
    const ssize_t written = ::write(descriptor_, record.data() + at, record.size() - at);
    if (written < 0 && errno == EINTR) continue;
    check(written >= 0, Kind::kIo, "cannot write {}: {}", path_.string(), errno_text());
    at += static_cast<size_t>(written);
  }
}

void EventFile::sync() {
  check(fsync(descriptor_) == 0, Kind::kIo, "cannot sync {}: {}", path_.string(), errno_text());
}

}  // namespace espalier

#include "data/scan.h"

#include <cstring>

#include "core/error.h"
#include "data/sample_table.h"

namespace espalier::data {
namespace {

template <typename T>
void put(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void take(const char*& next, T& value) {
  std::memcpy(&value, next, sizeof value);
  next += sizeof value;
}

}  // namespace

std::span<const uint8_t> bytes_of(const Content& content) {
  if (const auto* image = std::get_if<image::Image>(&content)) return image->pixels;
  return std::get<std::vector<uint8_t>>(content);
}

Sha256::Digest sha256_of(const Content& content) {
  const auto bytes = bytes_of(content);
  return Sha256().update(bytes.data(), bytes.size()).digest();
}

Verdict examine(const Content& content) {
  Verdict verdict;
  const auto bytes = bytes_of(content);
  verdict.sha256 = sha256_of(content);
  verdict.content_bytes = static_cast<int64_t>(bytes.size());
  verdict.content_crc32 = crc32(bytes);
  if (const auto* image = std::get_if<image::Image>(&content)) {
    verdict.header = {image::Codec::kRaw, image->height, image->width, image->channels};
    verdict.pixels_crc32 = verdict.content_crc32;
    return verdict;
  }
  try {
    check(!bytes.empty(), Kind::kData, "the file is empty");
    const image::Decoded decoded = image::decode(bytes);
    verdict.header = {*image::sniff(bytes), decoded.image.height, decoded.image.width,
                      decoded.image.channels};
    verdict.pixels_crc32 = crc32(decoded.image.pixels);
    if (decoded.extraneous_bytes) verdict.flags |= kExtraneousBytes;
  } catch (const Error& error) {
    if (error.kind() != Kind::kData) throw;
    verdict.fault = error.what();
  }
  return verdict;
}

std::string pack_verdicts(const std::vector<Verdict>& verdicts) {
  std::string bytes;
  for (const Verdict& verdict : verdicts) {
    put(bytes, verdict.fault.size());
    bytes += verdict.fault;
    put(bytes, verdict.header);
    put(bytes, verdict.sha256);
    put(bytes, verdict.content_bytes);
    put(bytes, verdict.content_crc32);
    put(bytes, verdict.pixels_crc32);
    put(bytes, verdict.flags);
  }
  return bytes;
}

std::vector<Verdict> unpack_verdicts(const std::string& bytes) {
  std::vector<Verdict> verdicts;
  const char* next = bytes.data();
  while (next < bytes.data() + bytes.size()) {
    Verdict& verdict = verdicts.emplace_back();
    size_t length = 0;
    take(next, length);
    verdict.fault.assign(next, length);
    next += length;
    take(next, verdict.header);
    take(next, verdict.sha256);
    take(next, verdict.content_bytes);
    take(next, verdict.content_crc32);
    take(next, verdict.pixels_crc32);
    take(next, verdict.flags);
  }
  return verdicts;
}

}  // namespace espalier::data

#include "pack/scan.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "image/colour.h"

namespace espalier::pack {
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

Sha256::Digest sha256_of(const Content& content) {
  const auto bytes = bytes_of(content);
  return Sha256().update(bytes.data(), bytes.size()).digest();
}

Verdict examine(const Content& content, const Sha256::Digest& sha256, const StorageRules& rules,
                int64_t raw_side, Forms& forms) {
  Verdict verdict;
  Verdict::Facts& facts = verdict.facts;
  facts.sha256 = sha256;
  Transcoded stored;
  try {
    stored = transcode(content, rules);
  } catch (const Error& error) {
    if (error.kind() != Kind::kData) throw;
    verdict.fault = error.what();
    return verdict;
  }
  image::Image& pixels = stored.pixels;
  facts.height = pixels.height;
  facts.width = pixels.width;
  facts.channels = pixels.channels;
  facts.flags = stored.flags;
  facts.codec = stored.codec;
  if (std::max(pixels.height, pixels.width) <= raw_side) {
    facts.pixels_crc32 = crc32(pixels.pixels);
    if (pixels.channels == 1) {
      image::Image rgb;
      image::to_rgb(pixels, rgb);
      facts.rgb_crc32 = crc32(rgb.pixels);
    }
  }
  if (rules.encoded) {
    const std::span<const uint8_t> encoded = stored.codec == image::Codec::kRaw ? pixels.pixels
                                             : stored.bytes.empty()             ? bytes_of(content)
                                                                                : stored.bytes;
    facts.encoded_bytes = static_cast<int64_t>(encoded.size());
    facts.encoded_crc32 = crc32(encoded);
  }
  const bool decoded = stored.codec != image::Codec::kRaw;
  forms.encoded = std::move(stored.bytes);
  if (decoded && std::max(pixels.height, pixels.width) <= raw_side) {
    forms.pixels = std::move(pixels.pixels);
  }
  return verdict;
}

std::string pack_verdicts(const std::vector<Verdict>& verdicts) {
  std::string bytes;
  for (const Verdict& verdict : verdicts) {
    put(bytes, verdict.fault.size());
    bytes += verdict.fault;
    put(bytes, verdict.facts);
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
    take(next, verdict.facts);
  }
  return verdicts;
}

}  // namespace espalier::pack

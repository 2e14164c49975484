// Pass 1 of packing: what an image is, from its content alone.
#pragma once

#include <string>
#include <vector>

#include "core/hash.h"
#include "data/format.h"
#include "image/codec.h"

namespace espalier::data {

struct Verdict {
  std::string fault;        // why it cannot be used; empty = it can
  image::Header header;     // codec kRaw where the source holds pixels
  Sha256::Digest sha256{};  // of the content
  int64_t content_bytes = 0;
  uint32_t content_crc32 = 0;
  uint32_t pixels_crc32 = 0;  // after decoding
  uint32_t flags = 0;
};

std::span<const uint8_t> bytes_of(const Content& content);
Sha256::Digest sha256_of(const Content& content);

// Decodes to the last byte. Damage is a fault, not an error.
Verdict examine(const Content& content);

// Verdicts as bytes, on their way from rank to rank of one machine type.
std::string pack_verdicts(const std::vector<Verdict>& verdicts);
std::vector<Verdict> unpack_verdicts(const std::string& bytes);

}  // namespace espalier::data

// Pass 1 of packing: facts of an image and of what would be stored of it, from its content alone.
#pragma once

#include <string>
#include <vector>

#include "core/hash.h"
#include "pack/transcode.h"

namespace espalier::pack {

struct Verdict {
  std::string fault;  // why it cannot be used; empty = it can
  struct Facts {
    Sha256::Digest sha256{};  // of the content
    int64_t height = 0, width = 0, channels = 0;
    int64_t encoded_bytes = 0;  // with codec and CRC: of the encoded form
    uint32_t encoded_crc32 = 0;
    uint32_t pixels_crc32 = 0;  // with rgb_crc32: where it may be stored as pixels
    uint32_t rgb_crc32 = 0;     // of a grey image as RGB
    uint32_t flags = 0;
    image::Codec codec = image::Codec::kRaw;
  } facts;
};

Sha256::Digest sha256_of(const Content& content);

// What a shard of either kind would hold of an image, kept from pass 1 for pass 2.
struct Forms {
  std::vector<uint8_t> pixels, encoded;
  size_t bytes() const { return pixels.size() + encoded.size(); }
};

// Decodes to the last byte. Damage is a fault, not an error. `sha256`: of the content. `raw_side`:
// images of sides up to this may be stored as pixels. `forms` gets what pass 2 would have to make
// again.
[[nodiscard]] Verdict examine(const Content& content, const Sha256::Digest& sha256,
                              const StorageRules& rules, int64_t raw_side, Forms& forms);

// Verdicts as bytes, on their way from rank to rank of one machine type.
[[nodiscard]] std::string pack_verdicts(const std::vector<Verdict>& verdicts);
[[nodiscard]] std::vector<Verdict> unpack_verdicts(const std::string& bytes);

}  // namespace espalier::pack

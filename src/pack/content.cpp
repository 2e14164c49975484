#include "pack/content.h"

#include "image/codec.h"

namespace espalier::pack {

Content content_of(const data::Dataset& dataset, int64_t sample) {
  if (static_cast<image::Codec>(dataset.index().table.codec[sample]) == image::Codec::kRaw) {
    return dataset.image(sample);
  }
  std::vector<uint8_t> memory;
  const std::span<const uint8_t> bytes = dataset.stored(sample, memory);
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

}  // namespace espalier::pack

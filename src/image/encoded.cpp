#include "image/encoded.h"

#include "core/error.h"

namespace espalier::image {

Pixels Encoded::decode(const Box& box, Image& memory) const {
  if (codec == Codec::kRaw) {
    check(static_cast<int64_t>(bytes.size()) == shape.values(), Kind::kData,
          "{} bytes for {} values", bytes.size(), shape.values());
    return Pixels(bytes.data(), shape.height, shape.width, shape.channels,
                  shape.width * shape.channels)
        .part(box);
  }
  memory = image::decode(bytes).image;
  check(memory.height == shape.height && memory.width == shape.width &&
            memory.channels == shape.channels,
        Kind::kData, "the image is {} x {} x {}, the index says {} x {} x {}", memory.channels,
        memory.height, memory.width, shape.channels, shape.height, shape.width);
  return Pixels(memory).part(box);
}

}  // namespace espalier::image

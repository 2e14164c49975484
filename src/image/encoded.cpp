#include "image/encoded.h"

#include <algorithm>

#include "core/error.h"
#include "image/jpeg.h"
#include "image/png.h"

namespace espalier::image {
namespace {

Pixels checked(const ViewShape& shape, const jpeg::Part& part) {
  const Header& header = part.header;
  check(header.height == shape.height && header.width == shape.width &&
            header.channels == shape.channels,
        Kind::kData, "the image is {} x {} x {}, the index has {} x {} x {}", header.channels,
        header.height, header.width, shape.channels, shape.height, shape.width);
  return part.pixels;
}

}  // namespace

Pixels Encoded::decode(const Box& box, Image& memory) const {
  if (codec == Codec::kRaw) {
    check(static_cast<int64_t>(bytes.size()) == shape.values(), Kind::kData,
          "{} bytes for {} values", bytes.size(), shape.values());
    return Pixels(bytes.data(), shape.height, shape.width, shape.channels,
                  shape.width * shape.channels)
        .part(box);
  }
  if (sniff(bytes) == Codec::kJpeg) {
    return checked(shape, jpeg::decode_part(bytes, {}, 1, box, memory));
  }
  // Sets that were packed before packing composited alpha still hold it.
  const Header header = png::decode(bytes, {}, kWhite, memory).header;
  return checked(shape, {header, Pixels(memory)}).part(box);
}

Pixels Encoded::decode_scaled(int shrink, const Box& box, Image& memory) const {
  check(codec == Codec::kJpeg, Kind::kBug, "only JPEG can be decoded at a smaller scale");
  return checked(shape, jpeg::decode_part(bytes, {}, shrink, box, memory));
}

Image Encoded::image() const {
  Image memory;
  const Pixels pixels = decode(whole(), memory);
  if (pixels.data == memory.pixels.data()) return memory;
  Image image(pixels.height, pixels.width, pixels.channels);
  std::copy_n(pixels.data, image.pixels.size(), image.pixels.data());
  return image;
}

}  // namespace espalier::image

// An image as a shard holds it, not yet decoded. Its shape is known, so that the part that is
// needed can be chosen before any pixel is decoded.
//
//   image::Image memory;
//   const Pixels pixels = encoded.decode({top, left, height, width}, memory);
#pragma once

#include <cstdint>
#include <span>

#include "image/batch.h"
#include "image/codec.h"
#include "image/image.h"

namespace espalier::image {

struct Encoded {
  Codec codec = Codec::kRaw;
  ViewShape shape;                 // as decoded
  std::span<const uint8_t> bytes;  // kRaw: [H, W, C] pixels

  Box whole() const { return {0, 0, shape.height, shape.width}; }

  // The pixels of `box`, equal to those of the whole image. Raw ones are used where they lie; of a
  // JPEG, only the rows and columns needed are decoded, into `memory`, which is used again and
  // which the result may point into. kData when the bytes are damaged or their shape is another.
  Pixels decode(const Box& box, Image& memory) const;

  // The same of the JPEG whose sides are reduced to 1 / shrink (1, 2, 4 or 8), rounded up: `box` is
  // in its pixels. Faster and not Pillow's bits; used only on request.
  Pixels decode_scaled(int shrink, const Box& box, Image& memory) const;

  // The whole image, in memory of its own.
  Image image() const;
};

}  // namespace espalier::image

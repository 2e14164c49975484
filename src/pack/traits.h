// Facts in the header of an image file besides its size.
#pragma once

#include <cstdint>
#include <span>

namespace espalier::pack {

struct Traits {
  bool progressive = false;
  bool cmyk = false;          // CMYK or YCCK
  bool sixteen_bits = false;  // a channel
  bool alpha = false;         // a channel, or tRNS
  int orientation = 1;        // EXIF 2.3, tag 274: 1..8; from JPEG's APP1 or PNG's eXIf
};

// Of a JPEG or PNG file; damage ends the search. Pillow also looks for an orientation in XMP and in
// PNG's text "Raw profile type exif", this function does not.
[[nodiscard]] Traits traits_of(std::span<const uint8_t> bytes);

}  // namespace espalier::pack

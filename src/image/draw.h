// Pictures of pictures, for people to look at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "image/image.h"

namespace espalier::image {

// Black text whose upper left pixel is (top, left); what does not fit is cut off. A character
// outside of ASCII is drawn as '?'.
void draw_text(Image& image, int64_t top, int64_t left, const std::string& text);

// An image at the size in which a contact sheet shows it, as RGB; one of that size as it is. For
// callers that keep many until the sheet is drawn.
[[nodiscard]] Image at_viewing_size(const Image& image);

// The images in rows of `columns` on white, each above its caption. Small ones are enlarged by a
// whole factor, so that their pixels can be seen; large ones are reduced. A caption wider than its
// image's place is shortened. Images are grey or RGB, as many as captions; the result is RGB.
Image contact_sheet(const std::vector<Image>& images, const std::vector<std::string>& captions,
                    int64_t columns);

}  // namespace espalier::image

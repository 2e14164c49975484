#include "image/draw.h"

#include <algorithm>

#include "core/error.h"
#include "image/colour.h"
#include "image/font.h"
#include "image/resample.h"

namespace espalier::image {
namespace {

constexpr int64_t kLeastSide = 96;  // longer side of a small image, at least
constexpr int64_t kMostSide = 192;  // of a large one
constexpr int64_t kMargin = 12;     // around every place
constexpr int64_t kCaptionGap = 4;  // between an image and its caption

// The characters of UTF-8 text, one byte each.
std::string to_ascii(const std::string& text) {
  std::string ascii;
  for (const char c : text) {
    if ((c & 0xC0) == 0x80) continue;  // the rest of a longer character
    ascii += c >= kFirstGlyph && c < kFirstGlyph + kGlyphs ? c : '?';
  }
  return ascii;
}

std::string shortened(const std::string& text, int64_t width) {
  const size_t most = static_cast<size_t>(width / kGlyphWidth);
  const std::string ascii = to_ascii(text);
  return ascii.size() <= most ? ascii : ascii.substr(0, most - 2) + "..";
}

}  // namespace

Image at_viewing_size(const Image& image) {
  const int64_t side = std::max(image.height, image.width);
  Image resized;
  if (side > kMostSide) {
    const auto reduced = [&](int64_t length) {
      return std::max<int64_t>(1, length * kMostSide / side);
    };
    resize(image, reduced(image.height), reduced(image.width), Filter::kLanczos, Passes::kPillow13,
           resized);
  } else {
    const int64_t factor = (kLeastSide + side - 1) / side;
    resize(image, image.height * factor, image.width * factor, Filter::kBox, Passes::kPillow13,
           resized);
  }
  Image rgb;
  to_rgb(resized, rgb);
  return rgb;
}

namespace {

void paste(const Image& from, int64_t top, int64_t left, Image& onto) {
  for (int64_t y = 0; y < from.height; ++y) {
    std::copy_n(from.row(y), from.width * 3, onto.row(top + y) + left * 3);
  }
}

}  // namespace

void draw_text(Image& image, int64_t top, int64_t left, const std::string& text) {
  for (const char c : to_ascii(text)) {
    const Glyph& glyph = kFont[c - kFirstGlyph];
    for (int64_t y = std::max<int64_t>(0, -top); y < std::min(kGlyphHeight, image.height - top);
         ++y) {
      for (int64_t x = std::max<int64_t>(0, -left); x < std::min(kGlyphWidth, image.width - left);
           ++x) {
        if (((glyph[y] << x) & 0x80) == 0) continue;
        std::fill_n(image.row(top + y) + (left + x) * image.channels, image.channels, 0);
      }
    }
    left += kGlyphWidth;
  }
}

Image contact_sheet(const std::vector<Image>& images, const std::vector<std::string>& captions,
                    int64_t columns) {
  check(!images.empty() && images.size() == captions.size() && columns > 0, Kind::kBug,
        "contact sheet of {} images with {} captions in {} columns", images.size(), captions.size(),
        columns);
  std::vector<Image> shown;
  int64_t height = 0, width = kLeastSide;
  for (const Image& image : images) {
    shown.push_back(at_viewing_size(image));
    height = std::max(height, shown.back().height);
    width = std::max(width, shown.back().width);
  }
  const int64_t count = static_cast<int64_t>(images.size());
  const int64_t rows = (count + columns - 1) / columns;
  const int64_t row_step = height + kCaptionGap + kGlyphHeight + kMargin;
  Image sheet(kMargin + rows * row_step, kMargin + columns * (width + kMargin), 3);
  std::fill(sheet.pixels.begin(), sheet.pixels.end(), 255);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t top = kMargin + i / columns * row_step;
    const int64_t left = kMargin + i % columns * (width + kMargin);
    paste(shown[i], top + (height - shown[i].height) / 2, left + (width - shown[i].width) / 2,
          sheet);
    const std::string caption = shortened(captions[i], width);
    const int64_t caption_width = static_cast<int64_t>(caption.size()) * kGlyphWidth;
    draw_text(sheet, top + height + kCaptionGap, left + (width - caption_width) / 2, caption);
  }
  return sheet;
}

}  // namespace espalier::image

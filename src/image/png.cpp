#include "image/png.h"

#include <png.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/error.h"

namespace espalier::image {
namespace png {
namespace {

// libpng must not be unwound by an exception: its errors jump back to the step that was running,
// which throws. A step therefore holds nothing that needs a destructor.
class Reader {
 public:
  Reader(std::span<const uint8_t> bytes, const DecodeLimits& limits)
      : left_(bytes),
        state_(png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning)),
        info_(state_ == nullptr ? nullptr : png_create_info_struct(state_)) {
    check(info_ != nullptr, Kind::kBug, "libpng {} does not start", PNG_LIBPNG_VER_STRING);
    open();
    const int64_t height = png_get_image_height(state_, info_);
    const int64_t width = png_get_image_width(state_, info_);
    check(height * width <= limits.max_pixels, Kind::kData,
          "PNG of {} x {} pixels, the limit is {}", height, width, limits.max_pixels);
  }
  Reader(const Reader&) = delete;

  Header header() const {
    const bool colour = (png_get_color_type(state_, info_) & PNG_COLOR_MASK_COLOR) != 0;
    return {.codec = Codec::kPng,
            .height = png_get_image_height(state_, info_),
            .width = png_get_image_width(state_, info_),
            .channels = colour ? 3 : 1};
  }

  bool has_alpha() const {
    return (png_get_color_type(state_, info_) & PNG_COLOR_MASK_ALPHA) != 0 ||
           png_get_valid(state_, info_, PNG_INFO_tRNS) != 0;
  }

  // Returns the channels that read() gives, of 8 bits each: grey or RGB, and alpha where there is.
  int64_t start(bool grey_as_rgb) {
    if (setjmp(png_jmpbuf(state_)) != 0) fail();
    const int type = png_get_color_type(state_, info_);
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(state_);
    if (type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(state_);
    if (png_get_valid(state_, info_, PNG_INFO_tRNS) != 0) png_set_tRNS_to_alpha(state_);
    if (grey_as_rgb) png_set_gray_to_rgb(state_);
    png_set_strip_16(state_);
    png_set_interlace_handling(state_);
    png_read_update_info(state_, info_);
    return png_get_channels(state_, info_);
  }

  // `rows` point to height rows of width * channels bytes.
  void read(png_bytepp rows) {
    if (setjmp(png_jmpbuf(state_)) != 0) fail();
    png_read_image(state_, rows);
    png_read_end(state_, nullptr);
  }

 private:
  struct Guard {
    png_structp& state;
    png_infop& info;
    ~Guard() { png_destroy_read_struct(&state, &info, nullptr); }
  };

  [[noreturn]] static void on_error(png_structp state, png_const_charp message) {
    Reader& reader = *static_cast<Reader*>(png_get_error_ptr(state));
    std::snprintf(reader.message_, sizeof(reader.message_), "%s", message);
    png_longjmp(state, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}

  static void on_read(png_structp state, png_bytep to, size_t count) {
    std::span<const uint8_t>& left = static_cast<Reader*>(png_get_io_ptr(state))->left_;
    if (count > left.size()) png_error(state, "it ends before its end marker");
    std::memcpy(to, left.data(), count);
    left = left.subspan(count);
  }

  void open() {
    if (setjmp(png_jmpbuf(state_)) != 0) fail();
    png_set_read_fn(state_, this, on_read);
    png_read_info(state_, info_);
  }

  [[noreturn]] void fail() const { throw Error(Kind::kData, "damaged PNG: {}", message_); }

  std::span<const uint8_t> left_;
  png_structp state_;
  png_infop info_;
  const Guard guard_{state_, info_};
  char message_[128] = {};
};

// Over the background, in place: the alpha channel, which is the last, falls away. Pillow's
// AlphaComposite.c for an opaque destination, of which this is the same rounding. Whether a pixel
// was not opaque.
bool composite(Image& image, const Background& background) {
  const int64_t colours = image.channels - 1;
  const uint8_t* const end = image.pixels.data() + image.pixels.size();
  uint8_t* to = image.pixels.data();
  uint32_t least_alpha = 255;
  for (const uint8_t* from = to; from < end; from += colours + 1) {
    const uint32_t alpha = from[colours];
    least_alpha = std::min(least_alpha, alpha);
    for (int64_t c = 0; c < colours; ++c) {
      const uint32_t sum = from[c] * alpha + background[c] * (255 - alpha) + 128;
      *to++ = static_cast<uint8_t>(((sum >> 8) + sum) >> 8);
    }
  }
  image.reshape(image.height, image.width, colours);
  return least_alpha < 255;
}

void keep_first_channel(Image& image) {
  const int64_t pixels = image.height * image.width;
  for (int64_t i = 1; i < pixels; ++i) image.pixels[i] = image.pixels[i * image.channels];
  image.reshape(image.height, image.width, 1);
}

}  // namespace

Header read_header(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  return Reader(bytes, limits).header();
}

Shown decode(std::span<const uint8_t> bytes, const DecodeLimits& limits,
             const Background& background, Image& memory) {
  thread_local std::vector<png_bytep> rows;
  Reader reader(bytes, limits);
  Shown shown{.header = reader.header()};
  Header& header = shown.header;
  const bool coloured = background[0] != background[1] || background[0] != background[2];
  const bool widened = coloured && header.channels == 1 && reader.has_alpha();
  memory.reshape(header.height, header.width, reader.start(widened));
  rows.resize(static_cast<size_t>(header.height));
  for (int64_t y = 0; y < header.height; ++y) rows[y] = memory.row(y);
  reader.read(rows.data());
  if (memory.channels % 2 == 0) shown.composited = composite(memory, background);
  if (widened && !shown.composited) keep_first_channel(memory);
  header.channels = memory.channels;
  return shown;
}

}  // namespace png

std::vector<uint8_t> encode_png(const Image& image) {
  png_image state{};
  state.version = PNG_IMAGE_VERSION;
  state.height = static_cast<png_uint_32>(image.height);
  state.width = static_cast<png_uint_32>(image.width);
  state.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(state);
  std::vector<uint8_t> bytes(size);
  check(png_image_write_to_memory(&state, bytes.data(), &size, 0, image.pixels.data(), 0,
                                  nullptr) != 0,
        Kind::kBug, "cannot encode {} x {} x {} pixels as PNG: {}", image.height, image.width,
        image.channels, state.message);
  bytes.resize(size);
  return bytes;
}

}  // namespace espalier::image

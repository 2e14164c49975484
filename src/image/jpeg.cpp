#include "image/jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
// jpeglib.h needs size_t and FILE.
#include <jerror.h>
#include <jpeglib.h>

#include <utility>

#include "core/error.h"

namespace espalier::image::jpeg {
namespace {

// libjpeg reports by calling back and must not be unwound by an exception: its errors jump back to
// the step that was running, which throws. A step therefore holds nothing that needs a destructor.
class Reader {
 public:
  Reader(std::span<const uint8_t> bytes, const DecodeLimits& limits) : limits_(limits) {
    state_.err = jpeg_std_error(&errors_);
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    state_.client_data = this;
    progress_.progress_monitor = on_progress;
    open(bytes);
    const int64_t pixels = int64_t{state_.image_height} * state_.image_width;
    check(pixels <= limits.max_pixels, Kind::kData, "JPEG of {} x {} pixels, the limit is {}",
          state_.image_height, state_.image_width, limits.max_pixels);
    check(state_.num_components == 1 || state_.num_components == 3 || state_.num_components == 4,
          Kind::kData, "JPEG of {} components, 1, 3 or 4 are known", state_.num_components);
  }
  Reader(const Reader&) = delete;

  Header header() const {
    return {.codec = Codec::kJpeg,
            .height = state_.image_height,
            .width = state_.image_width,
            .channels = state_.num_components == 1 ? 1 : 3};
  }
  int components() const { return state_.num_components; }
  bool extraneous_bytes() const { return extraneous_bytes_; }

  // Fills `pixels`: [H, W, components].
  void read(uint8_t* pixels) {
    if (setjmp(jump_) != 0) fail();
    state_.out_color_space = components() == 1   ? JCS_GRAYSCALE
                             : components() == 3 ? JCS_RGB
                                                 : JCS_CMYK;
    state_.dct_method = JDCT_ISLOW;
    state_.do_fancy_upsampling = TRUE;
    state_.progress = &progress_;
    jpeg_start_decompress(&state_);
    const size_t stride = size_t{state_.output_width} * state_.output_components;
    while (state_.output_scanline < state_.output_height) {
      JSAMPROW row = pixels + state_.output_scanline * stride;
      jpeg_read_scanlines(&state_, &row, 1);
    }
    jpeg_finish_decompress(&state_);  // reads up to the end marker
  }

 private:
  struct State : jpeg_decompress_struct {
    State() : jpeg_decompress_struct{} {}
    ~State() { jpeg_destroy_decompress(this); }
  };

  static Reader& self(j_common_ptr state) { return *static_cast<Reader*>(state->client_data); }

  [[noreturn]] static void on_error(j_common_ptr state) {
    state->err->format_message(state, self(state).message_);
    std::longjmp(self(state).jump_, 1);
  }

  static void on_message(j_common_ptr state, int level) {
    if (level >= 0) return;  // a trace
    switch (state->err->msg_code) {
      case JWRN_EXTRANEOUS_DATA:
        self(state).extraneous_bytes_ = true;
        return;
      case JWRN_ADOBE_XFORM:
      case JWRN_JFIF_MAJOR:
        return;  // unknown, but without effect on the pixels
      default:
        on_error(state);
    }
  }

  static void on_progress(j_common_ptr state) {
    Reader& reader = self(state);
    if (reader.state_.input_scan_number <= reader.limits_.max_scans) return;
    std::snprintf(reader.message_, sizeof(reader.message_), "more than %d scans",
                  reader.limits_.max_scans);
    std::longjmp(reader.jump_, 1);
  }

  void open(std::span<const uint8_t> bytes) {
    if (setjmp(jump_) != 0) fail();
    jpeg_create_decompress(&state_);  // keeps err and client_data
    jpeg_mem_src(&state_, bytes.data(), bytes.size());
    jpeg_read_header(&state_, TRUE);
  }

  [[noreturn]] void fail() const { throw Error(Kind::kData, "damaged JPEG: {}", message_); }

  State state_;
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  char message_[JMSG_LENGTH_MAX] = {};
  const DecodeLimits limits_;
  bool extraneous_bytes_ = false;
};

// Pillow's cmyk2rgb on Adobe's inverted inks: here 255 means no ink.
Image rgb_from_inverted_cmyk(const Image& cmyk) {
  Image rgb(cmyk.height, cmyk.width, 3);
  uint8_t* to = rgb.pixels.data();
  for (size_t at = 0; at < cmyk.pixels.size(); at += 4) {
    const int white = cmyk.pixels[at + 3];
    for (size_t ink = 0; ink < 3; ++ink) {
      const int product = (255 - cmyk.pixels[at + ink]) * white + 128;
      *to++ = static_cast<uint8_t>(white - ((product + (product >> 8)) >> 8));
    }
  }
  return rgb;
}

}  // namespace

Header read_header(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  return Reader(bytes, limits).header();
}

Decoded decode(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  Reader reader(bytes, limits);
  const Header header = reader.header();
  Image image(header.height, header.width, reader.components());
  reader.read(image.pixels.data());
  if (image.channels == 4) image = rgb_from_inverted_cmyk(image);
  return {std::move(image), reader.extraneous_bytes()};
}

}  // namespace espalier::image::jpeg

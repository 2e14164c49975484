#include "image/jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
// jpeglib.h needs size_t and FILE.
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>

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

  // Starts the image, reduced to 1 / shrink of its sides. Returns the part of it that read() then
  // gives: the rows of `box`, and its columns with so many more at their sides that the upsampling
  // of colour is that of the whole image.
  Box start(int shrink, const Box& box) {
    if (setjmp(jump_) != 0) fail();
    state_.out_color_space = components() == 1   ? JCS_GRAYSCALE
                             : components() == 3 ? JCS_RGB
                                                 : JCS_CMYK;
    state_.dct_method = JDCT_ISLOW;
    state_.do_fancy_upsampling = TRUE;
    state_.progress = &progress_;
    state_.scale_num = 1;
    state_.scale_denom = static_cast<unsigned>(shrink);
    jpeg_start_decompress(&state_);
    constexpr int64_t kBorder = 4, kLeastWidth = 64;
    const int64_t width = state_.output_width;
    int64_t left = std::max<int64_t>(0, box.left - kBorder);
    const int64_t right =
        std::min(width, std::max(box.left + box.width + kBorder, left + kLeastWidth));
    left = std::max<int64_t>(0, std::min(left, right - kLeastWidth));
    JDIMENSION first = static_cast<JDIMENSION>(left), count = static_cast<JDIMENSION>(right - left);
    // libjpeg-turbo 2.1 crops wrongly where colour four times as wide is scaled.
    const bool crops = shrink == 1 || state_.max_h_samp_factor <= 2;
    if (!crops) first = 0, count = state_.output_width;
    if (count < state_.output_width) jpeg_crop_scanline(&state_, &first, &count);
    return {box.top, first, box.height, count};
  }

  // Fills `pixels`: [height, width, components] of `part`, which start() returned.
  void read(const Box& part, uint8_t* pixels) {
    if (setjmp(jump_) != 0) fail();
    const JDIMENSION end = static_cast<JDIMENSION>(part.top + part.height);
    if (part.top > 0) jpeg_skip_scanlines(&state_, static_cast<JDIMENSION>(part.top));
    const size_t stride = static_cast<size_t>(part.width * components());
    while (state_.output_scanline < end) {
      JSAMPROW row = pixels + stride * (state_.output_scanline - static_cast<size_t>(part.top));
      jpeg_read_scanlines(&state_, &row, 1);
    }
    if (end == state_.output_height) jpeg_finish_decompress(&state_);  // reads up to the end marker
  }

 private:
  struct State : jpeg_decompress_struct {
    State() : jpeg_decompress_struct{} {}
    ~State() { jpeg_destroy_decompress(this); }
  };

  static Reader& self(j_common_ptr state) { return *static_cast<Reader*>(state->client_data); }

  // What a sound file is that libjpeg refuses; null for all else.
  static const char* unknown_process(const jpeg_error_mgr& error) {
    const int value = error.msg_parm.i[0];
    if (error.msg_code == JERR_BAD_PRECISION) return "a JPEG of more than 8 bits";
    if (error.msg_code == JERR_UNKNOWN_MARKER && value == 0xF7) return "a JPEG-LS image";
    if (error.msg_code != JERR_SOF_UNSUPPORTED) return nullptr;
    return value % 4 == 3   ? "a lossless JPEG"
           : value % 8 >= 5 ? "a hierarchical JPEG"
                            : "an arithmetic-coded JPEG";
  }

  [[noreturn]] static void on_error(j_common_ptr state) {
    Reader& reader = self(state);
    if (const char* process = unknown_process(*state->err)) {
      std::snprintf(reader.message_, sizeof(reader.message_),
                    "%s, not a baseline or progressive one of 8 bits", process);
      reader.is_damaged_ = false;
    } else {
      state->err->format_message(state, reader.message_);
    }
    std::longjmp(reader.jump_, 1);
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

  [[noreturn]] void fail() const {
    throw Error(Kind::kData, "{}{}", is_damaged_ ? "damaged JPEG: " : "", message_);
  }

  State state_;
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  char message_[JMSG_LENGTH_MAX] = {};
  const DecodeLimits limits_;
  bool extraneous_bytes_ = false, is_damaged_ = true;
};

// Pillow's cmyk2rgb on Adobe's inverted inks, in place: here 255 means no ink.
void make_rgb_of_inverted_cmyk(Image& image) {
  uint8_t* to = image.pixels.data();
  for (size_t at = 0; at < image.pixels.size(); at += 4) {
    const int white = image.pixels[at + 3];
    for (size_t ink = 0; ink < 3; ++ink) {
      const int product = (255 - image.pixels[at + ink]) * white + 128;
      *to++ = static_cast<uint8_t>(white - ((product + (product >> 8)) >> 8));
    }
  }
  image.reshape(image.height, image.width, 3);
}

Pixels decode_part(Reader& reader, int shrink, const Box& box, Image& memory) {
  const Header header = reader.header();
  const int64_t height = (header.height + shrink - 1) / shrink;
  const int64_t width = (header.width + shrink - 1) / shrink;
  check(box.top >= 0 && box.left >= 0 && box.height > 0 && box.width > 0 &&
            box.top + box.height <= height && box.left + box.width <= width,
        Kind::kData, "JPEG of {} x {} pixels has no {} x {} at ({}, {})", height, width, box.height,
        box.width, box.top, box.left);
  const Box part = reader.start(shrink, box);
  memory.reshape(part.height, part.width, reader.components());
  reader.read(part, memory.pixels.data());
  if (memory.channels == 4) make_rgb_of_inverted_cmyk(memory);
  return Pixels(memory).part({0, box.left - part.left, box.height, box.width});
}

}  // namespace

Header read_header(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  return Reader(bytes, limits).header();
}

Decoded decode(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  Decoded decoded;
  Reader reader(bytes, limits);
  decode_part(reader, 1, {0, 0, reader.header().height, reader.header().width}, decoded.image);
  decoded.extraneous_bytes = reader.extraneous_bytes();
  return decoded;
}

Part decode_part(std::span<const uint8_t> bytes, const DecodeLimits& limits, int shrink,
                 const Box& box, Image& memory) {
  Reader reader(bytes, limits);
  return {reader.header(), decode_part(reader, shrink, box, memory)};
}

}  // namespace espalier::image::jpeg

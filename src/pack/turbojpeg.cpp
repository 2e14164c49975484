#include "pack/turbojpeg.h"

#include <turbojpeg.h>

#include <array>
#include <memory>

#include "core/error.h"

namespace espalier::pack {
namespace {

struct Closer {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, Closer>;

// Bytes that libturbojpeg allocates.
struct Output {
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT: its type
  ~Output() { tjFree(bytes); }
  std::vector<uint8_t> copy() const { return {bytes, bytes + size}; }
};

// What undoes an EXIF orientation.
constexpr std::array kUndo = {TJXOP_NONE,      TJXOP_HFLIP, TJXOP_ROT180,     TJXOP_VFLIP,
                              TJXOP_TRANSPOSE, TJXOP_ROT90, TJXOP_TRANSVERSE, TJXOP_ROT270};

}  // namespace

std::vector<uint8_t> rearranged_jpeg(std::span<const uint8_t> jpeg, int orientation,
                                     bool keep_markers) {
  const Handle handle(tjInitTransform());
  check(handle != nullptr, Kind::kBug, "libturbojpeg does not start");
  tjtransform transform{};
  transform.op = kUndo.at(static_cast<size_t>(orientation - 1));
  transform.options = TJXOPT_PERFECT | (keep_markers ? 0 : TJXOPT_COPYNONE);
  Output output;
  const int status = tjTransform(handle.get(), jpeg.data(), jpeg.size(), 1, &output.bytes,
                                 &output.size, &transform, TJFLAG_LIMITSCANS);
  return status == 0 ? output.copy() : std::vector<uint8_t>();
}

std::vector<uint8_t> encode_jpeg(const image::Image& image, int quality) {
  const Handle handle(tjInitCompress());
  check(handle != nullptr, Kind::kBug, "libturbojpeg does not start");
  const bool grey = image.channels == 1;
  Output output;
  const int status =
      tjCompress2(handle.get(), image.pixels.data(), static_cast<int>(image.width), 0,
                  static_cast<int>(image.height), grey ? TJPF_GRAY : TJPF_RGB, &output.bytes,
                  &output.size, grey ? TJSAMP_GRAY : TJSAMP_420, quality, TJFLAG_ACCURATEDCT);
  check(status == 0, Kind::kBug, "cannot encode {} x {} x {} pixels as JPEG: {}", image.height,
        image.width, image.channels, tjGetErrorStr2(handle.get()));
  return output.copy();
}

}  // namespace espalier::pack

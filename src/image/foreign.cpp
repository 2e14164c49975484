#include "image/foreign.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace espalier::image {
namespace {

using namespace std::string_view_literals;

struct Magic {
  size_t at;
  std::string_view bytes;
  ForeignKind kind;
};

// Two bytes at the start do not prove an image: is_image is false for such kinds.
constexpr std::array kMagics = {
    Magic{8, "WEBP", {"a WebP image", true}},
    Magic{0, "GIF8", {"a GIF image", true}},
    Magic{0, "II*\0"sv, {"a TIFF image", true}},
    Magic{0, "MM\0*"sv, {"a TIFF image", true}},
    Magic{4, "ftypavif", {"an AVIF image", true}},
    Magic{4, "ftypavis", {"an AVIF image", true}},
    Magic{4, "ftyphei", {"a HEIC image", true}},
    Magic{4, "ftypmif1", {"a HEIF image", true}},
    Magic{4, "jP  \r\n", {"a JPEG 2000 image", true}},
    Magic{4, "JXL \r\n", {"a JPEG XL image", true}},
    Magic{0, "\xFF\x0A", {"a JPEG XL image", false}},
    Magic{0, "8BPS", {"a Photoshop image", true}},
    Magic{0, "BM", {"a BMP image", false}},
    Magic{0, "\0\5\x16\7"sv, {"a resource file of macOS", false}},
    Magic{0, "%PDF", {"a PDF document", false}},
    Magic{0, "PK\3\4", {"a ZIP archive", false}},
    Magic{0, "\x1F\x8B", {"a gzip file", false}},
    Magic{0, "\x89HDF", {"an HDF5 file", false}},
    Magic{0, "version https://git-lfs", {"a pointer of Git LFS and not yet the file", false}},
};

// The reserved bytes and the size of the second header tell it from text.
bool is_bmp(std::string_view text) {
  return text.size() >= 18 && text.starts_with("BM") && text.substr(6, 4) == "\0\0\0\0"sv &&
         text.substr(15, 3) == "\0\0\0"sv;
}

bool is_netpbm(std::string_view text) {
  return text.size() >= 3 && text[0] == 'P' && text[1] >= '1' && text[1] <= '7' &&
         std::isspace(static_cast<unsigned char>(text[2])) != 0;
}

bool is_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char letter) {
    return std::isprint(letter) != 0 || std::isspace(letter) != 0;
  });
}

std::string_view markup(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string lower(text.substr(0, 256));
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char letter) { return std::tolower(letter); });
  lower.erase(0, lower.find_first_not_of(" \t\r\n"));
  if (lower.starts_with("<!doctype html") || lower.starts_with("<html")) return "an HTML page";
  if (lower.find("<svg") != lower.npos) return "an SVG drawing";
  return lower.starts_with("<?xml") ? "an XML document" : "";
}

}  // namespace

ForeignKind foreign_kind(std::span<const uint8_t> first) {
  const std::string_view text(reinterpret_cast<const char*>(first.data()),
                              std::min<size_t>(first.size(), 512));
  if (is_bmp(text)) return {"a BMP image", true};
  for (const Magic& magic : kMagics) {
    if (text.size() >= magic.at && text.substr(magic.at).starts_with(magic.bytes)) {
      return magic.kind;
    }
  }
  if (is_netpbm(text)) return {"a PNM image", false};
  if (const std::string_view name = markup(text); !name.empty()) return {name, false};
  return {is_text(text) ? "text" : "", false};
}

}  // namespace espalier::image

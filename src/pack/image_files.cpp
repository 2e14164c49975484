#include "pack/image_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "image/codec.h"
#include "image/foreign.h"

namespace espalier::pack {

std::string extension_of(const std::string& name) {
  const size_t slash = name.rfind('/'), first = slash == name.npos ? 0 : slash + 1;
  const size_t dot = name.rfind('.');
  if (dot == name.npos || dot <= first) return {};
  std::string extension = name.substr(dot);
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char letter) { return std::tolower(letter); });
  return extension;
}

bool is_named_as_image(const std::string& name) {
  constexpr std::array kExtensions = {".jpg", ".jpeg", ".jpe",  ".jfif", ".png",  ".webp", ".bmp",
                                      ".gif", ".tif",  ".tiff", ".avif", ".heic", ".heif", ".jp2",
                                      ".jxl", ".ppm",  ".pgm",  ".pbm",  ".pnm"};
  return std::ranges::find(kExtensions, extension_of(name)) != kExtensions.end();
}

bool begins_as_image(std::span<const uint8_t> first) {
  return image::sniff(first).has_value() || image::foreign_kind(first).is_image;
}

bool is_hidden(const std::string& key) {
  for (size_t begin = 0; begin < key.size();) {
    const size_t end = std::min(key.find('/', begin), key.size());
    const std::string component = key.substr(begin, end - begin);
    if (component.starts_with('.') && component != "." && component != "..") return true;
    begin = end + 1;
  }
  return false;
}

std::string count_extensions(const std::vector<std::string>& names) {
  std::map<std::string, int64_t> counts;
  for (const std::string& name : names) ++counts[extension_of(name)];
  std::vector<std::pair<int64_t, std::string>> rows;
  rows.reserve(counts.size());
  for (const auto& [extension, count] : counts) rows.emplace_back(-count, extension);
  std::ranges::sort(rows);
  std::string text;
  for (const auto& [count, extension] : rows) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", -count,
                        extension.empty() ? "without extension" : extension);
  }
  return text;
}

}  // namespace espalier::pack

// Which files of a source are images: by their name, else by their first bytes. An image of a kind
// that no codec reads counts too, so that packing reports it instead of losing it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace espalier::pack {

// The number of bytes from which content is recognised.
inline constexpr int64_t kFirstBytes = 512;

// ".jpg" of "a/b.JPG"; empty where there is none.
std::string extension_of(const std::string& name);

// By the usual extensions of image files.
bool is_named_as_image(const std::string& name);

// By up to kFirstBytes from the start of a file.
bool begins_as_image(std::span<const uint8_t> first);

// Whether the file, or a folder on its way, begins with a dot.
bool is_hidden(const std::string& key);

// "12 .webp, 3 without extension": the most frequent first.
std::string count_extensions(const std::vector<std::string>& names);

}  // namespace espalier::pack

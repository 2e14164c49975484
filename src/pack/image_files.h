// Which files of a source are images. A name may say so; else the first bytes decide. What is an
// image of a kind that no codec reads counts too, so that packing names it instead of losing it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace espalier::pack {

// As many bytes as content is known by.
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

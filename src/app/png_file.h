// For verbs that write a picture.
#pragma once

#include <filesystem>
#include <string>

#include "app/verb.h"
#include "image/image.h"

namespace espalier::app {

// --out FILE, which must be given and must be named as a PNG.
void add_png_option(CLI::App& command, std::string& path);

// Of a grey or RGB image.
void write_png(const std::filesystem::path& path, const image::Image& image);

}  // namespace espalier::app

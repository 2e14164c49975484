// For verbs that write a picture.
#pragma once

#include <filesystem>
#include <string>

#include "app/verb.h"
#include "image/image.h"

namespace espalier::app {

// --out FILE, which must be named as a PNG, and must be given unless `required` is false.
void add_png_option(CLI::App& command, std::string& path, bool required = true);

// Of a grey or RGB image.
void write_png(const std::filesystem::path& path, const image::Image& image);

}  // namespace espalier::app

#include "app/png_file.h"

#include "core/files.h"
#include "image/codec.h"

namespace espalier::app {

void add_png_option(CLI::App& command, std::string& path, bool required) {
  command.add_option("--out", path, "the PNG file to write")
      ->type_name("FILE")
      ->required(required)
      ->check([](const std::string& name) {
        const bool is_png = name.ends_with(".png") || name.ends_with(".PNG");
        return is_png ? "" : "'" + name + "' is not the name of a PNG (try: image.png)";
      });
}

void write_png(const std::filesystem::path& path, const image::Image& image) {
  const std::vector<uint8_t> png = image::encode_png(image);
  write_file(path, {reinterpret_cast<const char*>(png.data()), png.size()});
}

}  // namespace espalier::app

// Small sources of images and packed sets of them, for the tests of every folder that reads sets.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/random.h"
#include "image/codec.h"
#include "pack/pack.h"
#include "support/error_of.h"
#include "support/pack_ranks.h"
#include "support/temp_dir.h"

namespace espalier {

inline image::Image noise_image(uint64_t seed, int64_t height, int64_t width, int64_t channels) {
  image::Image image(height, width, channels);
  Draw draw(seed, "noise");
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(draw.below(256));
  return image;
}

inline void write_bytes(const std::filesystem::path& path, const std::vector<uint8_t>& bytes) {
  make_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<int64_t>(bytes.size()));
}

inline void write_noise(const std::filesystem::path& path, uint64_t seed, int64_t side) {
  write_bytes(path, image::encode_png(noise_image(seed, side, side, 3)));
}

// `per_class` PNGs of `side` x `side` in each of the folders "cat", "dog" and "fox".
inline void write_classes(const std::filesystem::path& folder, int64_t per_class, int64_t side) {
  uint64_t seed = 0;
  for (const std::string name : {"cat", "dog", "fox"}) {
    for (int64_t i = 0; i < per_class; ++i) {
      write_noise(folder / name / fmt::format("{:02d}.png", i), seed++, side);
    }
  }
}

// Packs by `ranks` ranks.
inline void pack_source(const std::shared_ptr<pack::Format>& source,
                        const std::filesystem::path& out, const pack::PackOptions& options = {},
                        int ranks = 1) {
  PackRanks(ranks).run(
      [&](pack::Exchange& exchange) { pack::Packer(source, out, options).run(exchange); });
}

inline void pack_images(const std::filesystem::path& source, const std::filesystem::path& out,
                        const pack::PackOptions& options = {}, int ranks = 1,
                        const std::string& format = "image_folder") {
  pack_source(pack::open_source(format, source), out, options, ranks);
}

// What open_source() says when it fails.
inline std::string open_error(const std::string& format, const std::filesystem::path& source,
                              Kind kind) {
  return error_of(kind, [&] { pack::open_source(format, source); });
}

// Changes one byte of a file; -1 is the last.
inline void flip_byte(const std::filesystem::path& path, int64_t at) {
  std::string bytes = read_file(path);
  char& byte = bytes[at < 0 ? bytes.size() + at : at];
  byte = static_cast<char>(byte ^ 0x10);
  write_file(path, bytes);
}

}  // namespace espalier

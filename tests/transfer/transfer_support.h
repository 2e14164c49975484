// Small packed sets whose classes are colours, a backbone file, and sweeps over them.
#pragma once

#include <map>

#include "core/files.h"
#include "support/packed_set.h"
#include "tensor/init.h"
#include "transfer/sweep.h"

namespace espalier::transfer {

inline const std::map<std::string, int64_t> kColours = {{"red", 0}, {"green", 1}, {"blue", 2}};

// `per_class` noisy images of 8 x 8 pixels a colour, packed to `out`; classes are numbered in the
// order of `names`.
inline void pack_colours(const TempDir& temp, const std::string& out, uint64_t seed,
                         int64_t per_class, const std::vector<std::string>& names) {
  pack::PackOptions options;
  options.class_names = names;
  const std::filesystem::path source = temp / (out + "-source");
  for (size_t c = 0; c < names.size(); ++c)
    for (int64_t i = 0; i < per_class; ++i) {
      image::Image image = noise_image(seed * 10'000 + c * 100 + i, 8, 8, 3);
      for (size_t p = 0; p < image.pixels.size(); ++p)
        if (p % 3 != static_cast<size_t>(kColours.at(names[c]))) image.pixels[p] /= 2;
      write_bytes(source / std::to_string(c) / fmt::format("{:03d}.png", i),
                  image::encode_png(image));
    }
  pack_images(source, temp / out, options);
}

// A run of pretrain that has ended, as far as transfer sees it: a network of two stages.
inline void write_backbone(const std::filesystem::path& run) {
  engine::BackboneFile file;
  file.input = {3, 8, 8};
  file.mean = {0.4};
  file.std = {0.3};
  file.model_text = "model:\n  name: conv_bn\n  widths: [4, 6]\n  pools: 1\n";
  file.document = config::Document::parse(file.model_text, "test");
  const auto backbone = file.make();
  tensor::initialise(*backbone, "backbone.", tensor::InitScheme::kHeNormal, 5);
  make_directories(run);
  file.write({run}, *backbone);
}

// One set of each kind in a folder, made once for all tests of a suite.
struct Source {
  TempDir temp;
  Source() {
    pack_colours(temp, "train", 1, 12, {"red", "green", "blue"});
    pack_colours(temp, "test", 2, 20, {"red", "green", "blue"});
    write_backbone(temp / "run");
  }
  static const Source& instance() {
    static const Source source;
    return source;
  }
};

inline config::Document document(const std::vector<std::string>& assignments = {}) {
  const TempDir& temp = Source::instance().temp;
  config::Document document = config::Document::parse(
      "{transfer: {labels_per_class: [2, 4], seeds: 2, steps: 4, batch: 6}, optim: {lr: 0.05}}",
      "test");
  document.set("data.train=" + (temp / "train").string());
  document.set("data.test=" + (temp / "test").string());
  for (const std::string& assignment : assignments) document.set(assignment);
  return document;
}

inline Sweep make_sweep(const std::filesystem::path& out,
                        const std::vector<std::string>& assignments = {}) {
  engine::BackboneFile backbone = engine::BackboneFile::open(Source::instance().temp / "run");
  TransferConfig config = TransferConfig::read(document(assignments), backbone);
  return Sweep(std::move(config), std::move(backbone), out, /*quiet=*/true);
}

inline std::unique_ptr<Setting> make_setting(const std::vector<std::string>& assignments = {}) {
  engine::BackboneFile backbone = engine::BackboneFile::open(Source::instance().temp / "run");
  TransferConfig config = TransferConfig::read(document(assignments), backbone);
  return std::make_unique<Setting>(std::move(config), std::move(backbone));
}

}  // namespace espalier::transfer

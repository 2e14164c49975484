// Small packed sets whose classes are colours, a backbone file, and sweeps over them.
#pragma once

#include <map>

#include "core/files.h"
#include "support/packed_set.h"
#include "tensor/init.h"
#include "transfer/sweep/sweep.h"

namespace espalier::transfer {

inline const std::map<std::string, int64_t> kColours = {{"red", 0}, {"green", 1}, {"blue", 2}};

// `per_class` noisy images of `side` x `side` pixels a colour, packed to `out`; classes are numbered in the
// order of `names`.
inline void pack_colours(const TempDir& temp, const std::string& out, uint64_t seed,
                         int64_t per_class, const std::vector<std::string>& names,
                         int64_t side = 8) {
  pack::PackOptions options;
  options.class_names = names;
  const std::filesystem::path source = temp / (out + "-source");
  for (size_t c = 0; c < names.size(); ++c)
    for (int64_t i = 0; i < per_class; ++i) {
      image::Image image = noise_image(seed * 10'000 + c * 100 + i, side, side, 3);
      for (size_t p = 0; p < image.pixels.size(); ++p)
        if (p % 3 != static_cast<size_t>(kColours.at(names[c]))) image.pixels[p] /= 2;
      write_bytes(source / std::to_string(c) / fmt::format("{:03d}.png", i),
                  image::encode_png(image));
    }
  pack_images(source, temp / out, options);
}

// Of write_backbone(): a network of two stages.
inline std::string conv_bn_of(const std::string& widths) {
  return "model:\n  name: conv_bn\n  widths: " + widths + "\n  pools: 1\n";
}

// A run of pretrain that has ended, as far as transfer sees it.
inline void write_backbone(const std::filesystem::path& run, uint64_t seed = 5,
                           const std::string& model = conv_bn_of("[4, 6]"),
                           const image::ViewShape& input = {3, 8, 8}, double mean = 0.4) {
  engine::BackboneFile file;
  file.input = input;
  file.mean = {mean};
  file.std = {0.3};
  file.model_text = model;
  file.document = config::Document::parse(model, "test");
  file.model.name = file.document.peek("model", "name", file.model.name);
  Fields fields = file.model.fields();
  const auto modules = Registry<model::Backbone>::create(file.model.name);
  for (const Field& field : modules->fields()) fields.push_back(field);
  file.document.bind("model", fields);
  const auto backbone = file.make();
  tensor::initialise(*backbone, "backbone.", tensor::InitScheme::kHeNormal, seed);
  make_directories(run);
  file.write({run}, *backbone);
}

// One set of each kind and two backbones in a folder, made once for all tests of a suite.
struct Sets {
  TempDir temp;
  Sets() {
    pack_colours(temp, "train", 1, 12, {"red", "green", "blue"});
    pack_colours(temp, "test", 2, 20, {"red", "green", "blue"});
    write_backbone(temp / "run");
    write_backbone(temp / "run1", 6);
  }
  static const Sets& instance() {
    static const Sets sets;
    return sets;
  }
};

inline config::Document document(const std::vector<std::string>& assignments = {}) {
  const TempDir& temp = Sets::instance().temp;
  config::Document document = config::Document::parse(
      "{transfer: {modes: [frozen, tuned], kept_lr_factor: 0.1, labels_per_class: [2, 4], seeds: "
      "2, "
      "steps: 4, batch: 6}, optim: {lr: 0.05}}",
      "test");
  document.set("data.train=" + (temp / "train").string());
  document.set("data.test=" + (temp / "test").string());
  for (const std::string& assignment : assignments) document.set(assignment);
  return document;
}

// Of one run a backbone; by default of one.
inline std::vector<engine::BackboneFile> backbones(const std::vector<std::string>& runs = {"run"}) {
  std::vector<engine::BackboneFile> files;
  for (const std::string& run : runs)
    files.push_back(engine::BackboneFile::open(Sets::instance().temp / run));
  return files;
}

inline TransferConfig make_config(const std::vector<std::string>& assignments = {}) {
  return TransferConfig::read(document(assignments), backbones().front());
}

inline std::unique_ptr<Sweep> make_sweep(const std::filesystem::path& out,
                                         const std::vector<std::string>& assignments = {},
                                         SweepPart part = {},
                                         const std::vector<std::string>& runs = {"run"}) {
  part.quiet = true;
  return std::make_unique<Sweep>(make_config(assignments), backbones(runs), out, std::move(part));
}

// Computes what is missing and writes the results.
inline int64_t run(Sweep& sweep) {
  sweep.prepare();
  const int64_t computed = sweep.run(/*writes=*/true);
  sweep.write_results("espalier transfer", 1.5, computed);
  return computed;
}

inline std::unique_ptr<Setting> make_setting(const std::vector<std::string>& assignments = {},
                                             const std::vector<std::string>& runs = {"run"}) {
  return std::make_unique<Setting>(make_config(assignments), backbones(runs));
}

// A cell of seed 0 at 4 labels per class, with the first setting of the configuration.
inline Cell cell_of(const Setting& setting, const std::string& mode, int64_t cut,
                    const std::string& head = "suffix") {
  const Plan plan = plan_of(mode, cut, setting.stage_count());
  Arm arm{.source = plan.has_source() ? kOurs : "",
          .mode = cut == 0 ? kScratch : mode,
          .kept_lr_factor = plan.trains_kept(cut) ? setting.config.sweep.kept_lr_factor.front() : 0,
          .head = plan.probe.empty() ? head : "",
          .cut = cut,
          .labels_per_class = 4};
  if (cut == 0) arm.kept_lr_factor = 0;
  return {.arm = arm, .seed = 0, .setting = settings_of(setting.config.sweep, arm).front()};
}

}  // namespace espalier::transfer

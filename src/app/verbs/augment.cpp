// espalier augment: ops on any image, into a PNG, so that pixels can be compared with other
// libraries.
#include <nlohmann/json.hpp>
#include <optional>

#include "app/png_file.h"
#include "augment/recipe.h"
#include "core/error.h"
#include "core/files.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "image/codec.h"
#include "image/draw.h"

namespace espalier::app {
namespace {

class AugmentVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("image", source_, "the JPEG or PNG file to change")
        ->type_name("IMAGE")
        ->required();
    auto* ops = command.add_option("--ops", ops_, "ops to apply, in this order (espalier list op)")
                    ->type_name("OPS");
    command
        .add_option("--recipe", recipe_,
                    "instead of --ops: the recipe that makes the views (espalier list recipe)")
        ->type_name("NAME")
        ->excludes(ops);
    add_png_option(command, out_);
    command
        .add_option("--views", views_,
                    "number of views; 0 = as many as the recipe has, or 1 for --ops")
        ->check(CLI::Range(0, 100))
        ->capture_default_str();
    command.add_option("--seed", key_.seed, "seed of every random draw")->capture_default_str();
    command.add_option("--epoch", key_.epoch, "number of the epoch, part of the key of every draw")
        ->capture_default_str();
    command
        .add_option("--sample", key_.sample, "number of the sample, part of the key of every draw")
        ->capture_default_str();
    command.add_flag("--json", json_, "print what was drawn as JSON");
    command.footer(
        "One view is written to FILE. Of several views, FILE shows all of them beside the image;\n"
        "each is also in a file of its own, named as FILE with -0, -1, ... before .png.\n"
        "What was drawn is printed as ops with fixed arguments, which make the same pixels "
        "again.\n\n"
        "Example:\n"
        "  espalier augment cat.jpg --ops \"crop(3,5,97,131) | resize(48,64,bicubic) | hue(0.1)\" "
        "--out cat.png\n"
        "  espalier augment cat.jpg --recipe byol --seed 7 --views 2 --out views.png");
  }

  int run(Context&) override {
    check(ops_.has_value() || recipe_.has_value(), Kind::kUsage,
          "neither --ops nor --recipe is given (try: --recipe simclr)");
    const auto pipelines =
        augment::parse_views({recipe_.value_or(ops_.value_or(""))}, recipe_ ? "--recipe" : "--ops");
    const image::Image source = read_image(source_);
    const int64_t count = views_ > 0 ? views_ : static_cast<int64_t>(pipelines.size());
    std::vector<image::Image> shown = {image::at_viewing_size(source)};
    std::vector<std::string> captions = {"image"};
    Json drawn = Json::array();
    for (int64_t v = 0; v < count; ++v) {
      const augment::Pipeline& pipeline = pipelines[static_cast<size_t>(v) % pipelines.size()];
      key_.view = static_cast<uint64_t>(v);
      auto [view, text] = make(pipeline, source);
      const std::string file = count == 1 ? out_ : numbered(v);
      write_png(file, view);
      drawn.push_back({{"view", v},
                       {"file", file},
                       {"shape", {view.channels, view.height, view.width}},
                       {"ops", text}});
      if (!json_) fmt::print("view {}: {}\n", v, text);
      captions.push_back(fmt::format("view {}", v));
      shown.push_back(image::at_viewing_size(view));
    }
    if (json_) fmt::print("{}\n", drawn.dump(2));
    if (count > 1) write_png(out_, image::contact_sheet(shown, captions, count + 1));
    return 0;
  }

 private:
  static image::Image read_image(const std::string& path) {
    const std::string bytes = read_file(path);
    try {
      return image::decode({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}).image;
    } catch (const Error& error) {
      throw Error(error.kind(), "{}: {}", path, error.what());
    }
  }

  std::pair<image::Image, std::string> make(const augment::Pipeline& pipeline,
                                            const image::Image& source) const {
    image::Image view = pipeline.apply(source, key_);
    augment::ViewPlan plan;
    pipeline.draw({source.channels, source.height, source.width}, key_, plan);
    return {std::move(view), plan.spelled()};
  }

  std::string numbered(int64_t view) const {
    std::filesystem::path path = out_;
    path.replace_filename(fmt::format("{}-{}.png", path.stem().string(), view));
    return path.string();
  }

  std::string source_, out_;
  std::optional<std::string> ops_, recipe_;
  int64_t views_ = 0;
  image::SampleKey key_;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, AugmentVerb, "augment",
                  "apply ops, with given or drawn parameters, to one image");

}  // namespace
}  // namespace espalier::app

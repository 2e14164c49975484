// espalier augment: ops on any image, into a PNG, so that pixels can be compared with other
// libraries.
#include <nlohmann/json.hpp>

#include "app/verb.h"
#include "augment/recipe.h"
#include "core/error.h"
#include "core/files.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "image/codec.h"
#include "image/draw.h"

namespace espalier::app {
namespace {

void write_png(const std::filesystem::path& path, const image::Image& image) {
  const std::vector<uint8_t> png = image::encode_png(image);
  write_file(path, {reinterpret_cast<const char*>(png.data()), png.size()});
}

class AugmentVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("image", source_, "a JPEG or PNG")->type_name("IMAGE")->required();
    auto* ops = command.add_option("--ops", ops_, "what is done, in order (espalier list op)")
                    ->type_name("OPS");
    command
        .add_option("--recipe", recipe_,
                    "in place of --ops: a paper's views (espalier list recipe)")
        ->type_name("NAME")
        ->excludes(ops);
    command.add_option("--out", out_, "the PNG to write")->type_name("FILE")->required();
    command.add_option("--views", views_, "how many; 0 = as many as the recipe has, 1 for ops")
        ->check(CLI::Range(0, 100))
        ->capture_default_str();
    command.add_option("--seed", key_.seed, "of everything that is drawn")->capture_default_str();
    command.add_option("--epoch", key_.epoch, "also part of every draw")->capture_default_str();
    command.add_option("--sample", key_.sample, "also part of every draw")->capture_default_str();
    command.add_flag("--json", json_, "what was drawn, as JSON");
    command.footer(
        "One view is written to FILE. Of several, FILE is the picture of all beside the image, "
        "and\n"
        "view 0 is in FILE's name with -0 before .png, and so on. What was drawn is printed as "
        "ops\n"
        "with fixed arguments, which make the same pixels again.\n\n"
        "Example:\n"
        "  espalier augment cat.jpg --ops \"crop(3,5,97,131) | resize(48,64,bicubic) | hue(0.1)\" "
        "--out cat.png\n"
        "  espalier augment cat.jpg --recipe byol --seed 7 --views 2 --out views.png");
  }

  int run(Context&) override {
    const std::vector<uint8_t> bytes = read_bytes(source_);
    const image::Image source = decoded(bytes);
    const auto pipelines = augment::parse_views({recipe_.empty() ? ops_ : recipe_},
                                                recipe_.empty() ? "--ops" : "--recipe");
    const int64_t count = views_ > 0 ? views_ : static_cast<int64_t>(pipelines.size());
    std::vector<image::Image> shown = {source};
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
      shown.push_back(std::move(view));
    }
    if (json_) fmt::print("{}\n", drawn.dump(2));
    if (count > 1) write_png(out_, image::contact_sheet(shown, captions, count + 1));
    return 0;
  }

 private:
  static std::vector<uint8_t> read_bytes(const std::filesystem::path& path) {
    const std::string text = read_file(path);
    return {text.begin(), text.end()};
  }

  image::Image decoded(const std::vector<uint8_t>& bytes) const {
    try {
      return image::decode(bytes).image;
    } catch (const Error& error) {
      throw Error(error.kind(), "{}: {}", source_, error.what());
    }
  }

  std::pair<image::Image, std::string> make(const augment::Pipeline& pipeline,
                                            const image::Image& source) const {
    pipeline.output({source.channels, source.height, source.width});  // refuses what cannot pass
    augment::ViewPlan plan;
    pipeline.draw({source.channels, source.height, source.width}, key_, plan);
    return {pipeline.apply(source, key_), plan.spelled()};
  }

  std::string numbered(int64_t view) const {
    std::filesystem::path path = out_;
    path.replace_filename(fmt::format("{}-{}.png", path.stem().string(), view));
    return path.string();
  }

  std::string source_, ops_, recipe_, out_;
  int64_t views_ = 0;
  image::SampleKey key_;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, AugmentVerb, "augment", "ops with given or drawn parameters on one image");

}  // namespace
}  // namespace espalier::app

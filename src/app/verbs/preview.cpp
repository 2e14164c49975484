// espalier preview: images of a packed data set with their class names, as one picture.
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "app/png_file.h"
#include "augment/recipe.h"
#include "core/log.h"
#include "core/random.h"
#include "data/dataset.h"
#include "image/colour.h"
#include "image/draw.h"

namespace espalier::app {
namespace {

// Distinct samples in drawn order: shards may be packed class by class.
std::vector<int64_t> draw_samples(int64_t size, int64_t count, uint64_t seed) {
  Draw draw(seed, "preview");
  std::vector<int64_t> samples;
  std::unordered_set<int64_t> taken;
  while (static_cast<int64_t>(samples.size()) < std::min(count, size)) {
    const int64_t sample = draw.below(size);
    if (taken.insert(sample).second) samples.push_back(sample);
  }
  return samples;
}

// A grey image in a set of colour ones has three channels for the ops, as in training.
image::Image source_of_views(const image::Image& image, int64_t channels) {
  if (image.channels == channels) return image;
  image::Image rgb;
  image::to_rgb(image, rgb);
  return rgb;
}

std::string caption_of(const data::Dataset& dataset, int64_t sample) {
  const int64_t label = dataset.label(sample);
  return label < 0 ? dataset.key(sample) : dataset.class_names()[static_cast<size_t>(label)];
}

class PreviewVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("data", data_, "the packed set: a folder that pack wrote")
        ->type_name("DIR")
        ->required();
    add_png_option(command, out_);
    command.add_option("--count", count_, "largest number of images to show")
        ->check(CLI::Range(int64_t{1}, int64_t{2500}))
        ->capture_default_str();
    command.add_option("--seed", seed_, "seed of the choice of images")->capture_default_str();
    command
        .add_option("--augment", views_,
                    "show each image in a row with its views by this recipe or by these ops")
        ->type_name("RECIPE");
    command.footer(
        "Example:\n"
        "  espalier preview data/cifar10 --out grid.png\n"
        "  espalier preview data/cifar10 --augment simclr_cifar --count 6 --out views.png");
  }

  int run(Context&) override {
    const data::Dataset dataset = data::Dataset::open(data_);
    check(dataset.size() > 0, Kind::kUsage, "{} holds no images", data_);
    const auto pipelines = views_.empty() ? std::vector<augment::Pipeline>()
                                          : augment::parse_views({views_}, "--augment");
    const int64_t channels = dataset.common_shape().channels;
    std::vector<image::Image> images;
    std::vector<std::string> captions;
    const std::vector<int64_t> samples = draw_samples(dataset.size(), count_, seed_);
    for (const int64_t sample : samples) {
      const image::Image image = dataset.image(sample);
      check(image.channels == 1 || image.channels == 3, Kind::kUsage,
            "{}: {} has {} channels, a picture has 1 or 3", data_, dataset.key(sample),
            image.channels);
      images.push_back(image::at_viewing_size(image));
      captions.push_back(caption_of(dataset, sample));
      const image::Image source = source_of_views(image, channels);
      for (size_t v = 0; v < pipelines.size(); ++v) {
        images.push_back(image::at_viewing_size(pipelines[v].apply(
            source, {.seed = seed_, .sample = static_cast<uint64_t>(sample), .view = v})));
        captions.push_back(fmt::format("view {}", v));
      }
    }
    const auto columns = pipelines.empty()
                             ? static_cast<int64_t>(std::ceil(std::sqrt(images.size())))
                             : static_cast<int64_t>(pipelines.size() + 1);
    write_png(out_, image::contact_sheet(images, captions, columns));
    log::info("preview", "{} of {} images in {}", samples.size(), dataset.size(), out_);
    return 0;
  }

 private:
  std::string data_, out_, views_;
  int64_t count_ = 25;
  uint64_t seed_ = 0;
};

}  // namespace

ESPALIER_REGISTER(Verb, PreviewVerb, "preview",
                  "draw a grid of images with their class names, as a PNG");

}  // namespace espalier::app

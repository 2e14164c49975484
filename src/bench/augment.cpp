// bench augment DIR: the views of a recipe, from the stored bytes to normalised numbers, on one
// core; beside decoding alone, and every op by itself on images of the size of a view.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "augment/recipe.h"
#include "augment/views.h"
#include "bench/benchmark.h"
#include "core/error.h"
#include "data/dataset.h"
#include "image/colour.h"

namespace espalier::bench {
namespace {

class AugmentBenchmark : public Benchmark {
 public:
  Fields fields() override {
    return {
        {"views", &views_, {.help = "a recipe, or the pipeline of one view"}},
        {"samples", &count_, {.min = 1, .max = 1e9, .help = "largest number of samples per round"}},
        {"side",
         &side_,
         {.min = 1, .max = 1e4, .unit = "px", .help = "side of the images that ops work on"}},
        {"ops", &by_op_, {.help = "whether every op is also measured by itself"}}};
  }
  std::string unit() const override { return "samples"; }
  std::string example() const override { return "augment data/imagenet views=byol"; }
  std::vector<Candidate> candidates(const std::vector<std::string>& arguments) override;

 private:
  static constexpr const char* kDecode = "decode alone";

  void load(const std::string& folder);
  Candidate whole_recipe();
  Candidate one_op(const std::string& name);
  Candidate normalising();

  std::string views_ = "byol";
  int64_t count_ = 200, side_ = 224, channels_ = 0;
  bool by_op_ = true;
  std::vector<std::vector<uint8_t>> bytes_;
  std::vector<image::Encoded> samples_;
  std::vector<image::Image> small_;  // of side_ x side_
};

void AugmentBenchmark::load(const std::string& folder) {
  const data::Dataset dataset = data::Dataset::open(folder);
  channels_ = dataset.common_shape().channels;
  count_ = std::min(count_, dataset.size());
  bytes_.resize(static_cast<size_t>(count_));
  const auto square = augment::Pipeline::parse(fmt::format("resize({0}, {0})", side_), "bench");
  for (int64_t i = 0; i < count_; ++i) {
    samples_.push_back(dataset.encoded(i, bytes_[i]));
    const image::Image image = square.apply(dataset.image(i), {});
    if (channels_ == 3) {
      image::to_rgb(image, small_.emplace_back());
    } else {
      small_.push_back(image);
    }
  }
}

Candidate AugmentBenchmark::whole_recipe() {
  const auto pipelines = augment::parse_views({views_}, "views");
  std::vector<image::SlabFormat> formats;
  auto slabs = std::make_shared<std::vector<std::vector<std::byte>>>();
  for (const augment::Pipeline& pipeline : pipelines) {
    formats.push_back({.shape = pipeline.output({channels_, 0, 0})});
    slabs->emplace_back(static_cast<size_t>(formats.back().bytes()));
  }
  const image::Normaliser normalise(std::array{0.5}, std::array{0.25});
  const augment::Views views(pipelines, normalise, formats);
  std::vector<std::byte*> into;
  for (auto& slab : *slabs) into.push_back(slab.data());
  return {fmt::format("{} views of {}, decode included", pipelines.size(), views_), kDecode, count_,
          0, [this, views, slabs, into] {
            for (size_t i = 0; i < samples_.size(); ++i) views(samples_[i], {.sample = i}, into);
          }};
}

Candidate AugmentBenchmark::normalising() {
  const image::SlabFormat format = {.shape = {small_[0].channels, side_, side_}};
  auto slab = std::make_shared<std::vector<std::byte>>(static_cast<size_t>(format.bytes()));
  return {"normalise to f32 NHWC", "memory copy of a view", count_, format.bytes() * count_,
          [this, format, slab, normalise = image::Normaliser(std::array{0.5}, std::array{0.25})] {
            for (const image::Image& image : small_) normalise(image, format, slab->data());
          }};
}

Candidate AugmentBenchmark::one_op(const std::string& name) {
  const augment::Pipeline pipeline = augment::Pipeline::parse(name, "bench");
  const image::ViewShape shape = {small_[0].channels, side_, side_};
  auto memory = std::make_shared<std::array<image::Image, 2>>();
  auto plan = std::make_shared<augment::ViewPlan>();
  return {"op " + name, "memory copy of a view", count_, shape.values() * count_, [=, this] {
            for (size_t i = 0; i < small_.size(); ++i) {
              pipeline.draw(shape, {.sample = i}, *plan);
              plan->make(image::Pixels(small_[i]).part(plan->region()), *memory);
            }
          }};
}

std::vector<Candidate> AugmentBenchmark::candidates(const std::vector<std::string>& arguments) {
  check(arguments.size() == 1, Kind::kUsage,
        "bench augment takes one folder that pack wrote (try: espalier bench {})", example());
  load(arguments[0]);
  auto memory = std::make_shared<image::Image>();
  std::vector<Candidate> candidates = {{kDecode, {}, count_, 0, [this, memory] {
                                          for (const image::Encoded& sample : samples_)
                                            sample.decode(sample.whole(), *memory);
                                        }}};
  candidates.push_back(whole_recipe());
  if (!by_op_) return candidates;
  auto copy = std::make_shared<std::vector<uint8_t>>(small_[0].pixels.size());
  candidates.push_back({"memory copy of a view",
                        {},
                        count_,
                        static_cast<int64_t>(copy->size()) * count_,
                        [this, copy] {
                          for (const image::Image& image : small_) {
                            std::memcpy(copy->data(), image.pixels.data(), copy->size());
                            asm volatile("" : : "r"(copy->data()) : "memory");
                          }
                        }});
  for (const std::string& name : Registry<augment::Op>::names()) {
    candidates.push_back(one_op(name));
  }
  candidates.push_back(normalising());
  return candidates;
}

ESPALIER_REGISTER(Benchmark, AugmentBenchmark, "augment",
                  "the views of a recipe and every op, on one core");

}  // namespace
}  // namespace espalier::bench

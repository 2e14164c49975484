// AlexNet (Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014), the
// network of the first studies of transfer (Yosinski et al. 2014) and of pretext tasks (Doersch et
// al. 2015, Noroozi & Favaro 2016), as torchvision has it and with its parameter names.
//
// Five convolutions and two dense layers, each a stage; ReLU after each, max pooling after conv1,
// conv2 and conv5, whose map is averaged to 6 x 6. The last dense layer, classifier.6, is the head.
// Images have at least 63 x 63 pixels. Differences to torchvision: no dropout in front of the dense
// layers; their width is an option.
#include <torch/torch.h>

#include "model/backbone.h"

namespace espalier::model {
namespace {

constexpr int64_t kSmallest = 63;  // leaves one place after the last pooling

struct Layer {
  int64_t place, width, kernel, stride, padding;  // place: among torchvision's `features`
  bool pools;
};
constexpr Layer kLayers[] = {{0, 64, 11, 4, 2, true},
                             {3, 192, 5, 1, 2, true},
                             {6, 384, 3, 1, 1, false},
                             {8, 256, 3, 1, 1, false},
                             {10, 256, 3, 1, 1, true}};
constexpr int64_t kConvolutions = std::size(kLayers), kPlaces = 6;

class AlexNet : public Backbone {
 public:
  Fields fields() override {
    return {{"hidden",
             &hidden_,
             {.min = 1, .max = 65536, .unit = "units", .help = "width of the dense layers"}}};
  }

  Norm own_norm() const override { return Norm::kNone; }
  int64_t smallest_input() const override { return kSmallest; }

  void build(const image::ViewShape& input, Norm norm) override {
    check(norm == Norm::kNone, Kind::kUsage,
          "model.norm is {}, and alexnet has no normalisation (try: model.norm=auto)", norm);
    check(std::min(input.height, input.width) >= kSmallest, Kind::kUsage,
          "alexnet takes images of at least {} x {} pixels, these are {} x {} (try: "
          "resize(224, 224) at the end of augment.views and augment.evaluate)",
          kSmallest, kSmallest, input.height, input.width);
    const auto features = register_module("features", std::make_shared<torch::nn::Module>());
    int64_t channels = input.channels;
    for (const Layer& layer : kLayers) {
      const auto options = torch::nn::Conv2dOptions(channels, layer.width, layer.kernel)
                               .stride(layer.stride)
                               .padding(layer.padding);
      convolutions_.push_back(
          features->register_module(std::to_string(layer.place), torch::nn::Conv2d(options)));
      channels = layer.width;
    }
    const auto classifier = register_module("classifier", std::make_shared<torch::nn::Module>());
    const int64_t places = kPlaces * kPlaces;
    dense_ = {classifier->register_module("1", torch::nn::Linear(channels * places, hidden_)),
              classifier->register_module("4", torch::nn::Linear(hidden_, hidden_))};
  }

  std::vector<std::string> stages() const override {
    return {"conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7"};
  }

  std::vector<std::string> stage_modules(int64_t stage) const override {
    if (stage < kConvolutions) return {"features." + std::to_string(kLayers[stage].place)};
    return {stage == kConvolutions ? "classifier.1" : "classifier.4"};
  }

 protected:
  torch::Tensor forward_stage(int64_t stage, const Features& x) override {
    if (stage >= kConvolutions) {
      const bool first = stage == kConvolutions;
      const torch::Tensor row =
          first ? torch::adaptive_avg_pool2d(x.values, {kPlaces, kPlaces}).flatten(1) : x.values;
      return dense_[first ? 0 : 1]->forward(row).relu_();
    }
    const auto place = static_cast<size_t>(stage);
    const torch::Tensor map = convolutions_[place]->forward(x.values).relu_();
    return kLayers[place].pools ? torch::max_pool2d(map, /*kernel_size=*/3, /*stride=*/2) : map;
  }

 private:
  int64_t hidden_ = 4096;
  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::Linear> dense_;
};

ESPALIER_REGISTER(Backbone, AlexNet, "alexnet",
                  "five convolutions and two dense layers, for images of 63 pixels and more");

}  // namespace
}  // namespace espalier::model

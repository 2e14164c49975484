#include <gtest/gtest.h>
#include <torch/torch.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "config/document.h"
#include "model/backbone.h"
#include "support/tolerance.h"

namespace espalier::model {
namespace {

using Shape = std::vector<int64_t>;

// torchvision.models.resnet18, without `fc`.
const std::map<std::string, Shape> kConvolutions = {{"conv1", {64, 3, 7, 7}},
                                                    {"layer1.0.conv1", {64, 64, 3, 3}},
                                                    {"layer1.0.conv2", {64, 64, 3, 3}},
                                                    {"layer1.1.conv1", {64, 64, 3, 3}},
                                                    {"layer1.1.conv2", {64, 64, 3, 3}},
                                                    {"layer2.0.conv1", {128, 64, 3, 3}},
                                                    {"layer2.0.conv2", {128, 128, 3, 3}},
                                                    {"layer2.0.downsample.0", {128, 64, 1, 1}},
                                                    {"layer2.1.conv1", {128, 128, 3, 3}},
                                                    {"layer2.1.conv2", {128, 128, 3, 3}},
                                                    {"layer3.0.conv1", {256, 128, 3, 3}},
                                                    {"layer3.0.conv2", {256, 256, 3, 3}},
                                                    {"layer3.0.downsample.0", {256, 128, 1, 1}},
                                                    {"layer3.1.conv1", {256, 256, 3, 3}},
                                                    {"layer3.1.conv2", {256, 256, 3, 3}},
                                                    {"layer4.0.conv1", {512, 256, 3, 3}},
                                                    {"layer4.0.conv2", {512, 512, 3, 3}},
                                                    {"layer4.0.downsample.0", {512, 256, 1, 1}},
                                                    {"layer4.1.conv1", {512, 512, 3, 3}},
                                                    {"layer4.1.conv2", {512, 512, 3, 3}}};
const std::map<std::string, int64_t> kNorms = {{"bn1", 64},
                                               {"layer1.0.bn1", 64},
                                               {"layer1.0.bn2", 64},
                                               {"layer1.1.bn1", 64},
                                               {"layer1.1.bn2", 64},
                                               {"layer2.0.bn1", 128},
                                               {"layer2.0.bn2", 128},
                                               {"layer2.0.downsample.1", 128},
                                               {"layer2.1.bn1", 128},
                                               {"layer2.1.bn2", 128},
                                               {"layer3.0.bn1", 256},
                                               {"layer3.0.bn2", 256},
                                               {"layer3.0.downsample.1", 256},
                                               {"layer3.1.bn1", 256},
                                               {"layer3.1.bn2", 256},
                                               {"layer4.0.bn1", 512},
                                               {"layer4.0.bn2", 512},
                                               {"layer4.0.downsample.1", 512},
                                               {"layer4.1.bn1", 512},
                                               {"layer4.1.bn2", 512}};

std::map<std::string, Shape> torchvision_state() {
  std::map<std::string, Shape> state;
  for (const auto& [name, shape] : kConvolutions) state[name + ".weight"] = shape;
  for (const auto& [name, width] : kNorms) {
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
      state[name + part] = {width};
    state[name + ".num_batches_tracked"] = {};
  }
  return state;
}

std::shared_ptr<Backbone> imagenet_resnet18(const image::ViewShape& input) {
  auto backbone = Registry<Backbone>::create("resnet18");
  config::Document::parse("model: {stem: imagenet}", "test").bind("model", backbone->fields());
  backbone->build(input, Norm::kBatch);
  return backbone;
}

TEST(Resnet18, StateHasTorchvisionsNamesAndShapes) {
  const auto backbone = imagenet_resnet18({3, 64, 64});
  std::map<std::string, Shape> state;
  for (const auto& item : backbone->named_parameters())
    state[item.key()] = item.value().sizes().vec();
  for (const auto& item : backbone->named_buffers()) state[item.key()] = item.value().sizes().vec();
  EXPECT_EQ(state, torchvision_state());
}

// Values without a file of 45 MB: tests/golden/make_torch.py's `pattern`.
torch::Tensor pattern(at::IntArrayRef shape) {
  const torch::Tensor i = torch::arange(c10::multiply_integers(shape), torch::kLong);
  return (i * 40503).remainder(65536).to(torch::kDouble).view(shape) / 65536 - 0.5;
}

TEST(Resnet18, ComputesWhatTorchvisionComputes) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/torch.jsonl");
  nlohmann::json golden;
  for (std::string line; golden["case"] != "resnet18" && std::getline(file, line);)
    golden = nlohmann::json::parse(line);
  const auto backbone = imagenet_resnet18({3, 64, 64});
  backbone->to(torch::kDouble);
  const torch::NoGradGuard no_grad;
  for (auto& item : backbone->named_parameters()) {
    torch::Tensor& weight = item.value();
    const torch::Tensor values = pattern(weight.sizes());
    if (weight.dim() == 4)
      weight.copy_(values * std::sqrt(24 / static_cast<double>(weight[0].numel())));
    else
      weight.copy_(item.key().ends_with("weight") ? values + 1 : values);
  }
  const torch::Tensor features = backbone->represent({pattern({2, 3, 64, 64}) * 4});
  const torch::Tensor variance = backbone->named_buffers()["layer4.1.bn2.running_var"];
  for (int64_t i = 0; i < 8; ++i) {
    for (int64_t sample = 0; sample < 2; ++sample)
      EXPECT_NEAR(features[sample][i].item<double>(), golden["features"][sample][i].get<double>(),
                  tolerance::kDeep64);
    EXPECT_NEAR(variance[i].item<double>(), golden["variance"][i].get<double>(),
                tolerance::kDeep64);
  }
}

}  // namespace
}  // namespace espalier::model

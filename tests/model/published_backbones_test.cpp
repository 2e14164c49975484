// Backbones against torchvision and timm: tests/golden/make_backbones.py.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "config/document.h"
#include "model/backbone.h"
#include "support/tolerance.h"

namespace espalier::model {
namespace {

using Shape = std::vector<int64_t>;

torch::Tensor pattern(at::IntArrayRef shape) {
  const torch::Tensor i = torch::arange(c10::multiply_integers(shape), torch::kLong);
  return (i * 40503).remainder(65536).to(torch::kDouble).view(shape) / 65536 - 0.5;
}

nlohmann::json golden(const std::string& name) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/backbones.jsonl");
  nlohmann::json found;
  for (std::string line; found["case"] != name && std::getline(file, line);)
    found = nlohmann::json::parse(line);
  return found;
}

std::shared_ptr<Backbone> published(const std::string& name) {
  torch::set_num_threads(1);  // maps this small only wait for more
  auto backbone = Registry<Backbone>::create(name);
  if (name.starts_with("resnet"))
    config::Document::parse("model: {stem: imagenet}", "test").bind("model", backbone->fields());
  backbone->build({3, 64, 64}, backbone->own_norm());
  backbone->to(torch::kDouble);
  return backbone;
}

class Published : public testing::TestWithParam<std::string> {};

TEST_P(Published, StateHasTheNamesAndShapesThatTheLibraryHas) {
  const auto backbone = published(GetParam());
  std::map<std::string, Shape> state;
  for (const auto& item : backbone->named_parameters())
    state[item.key()] = item.value().sizes().vec();
  for (const auto& item : backbone->named_buffers()) state[item.key()] = item.value().sizes().vec();
  EXPECT_EQ(state, (golden(GetParam())["state"].get<std::map<std::string, Shape>>()));
}

TEST_P(Published, ComputesWhatTheLibraryComputes) {
  const auto backbone = published(GetParam());
  const torch::NoGradGuard no_grad;
  for (auto& item : backbone->named_parameters()) {
    torch::Tensor& weight = item.value();
    const torch::Tensor values = pattern(weight.sizes());
    if (weight.dim() > 1)
      weight.copy_(values * std::sqrt(24 / static_cast<double>(weight[0].numel())));
    else
      weight.copy_(item.key().ends_with("bias") ? values : values + 1);
  }
  const torch::Tensor features = backbone->represent({pattern({2, 3, 64, 64}) * 4});
  const auto expected = golden(GetParam())["features"];
  for (int64_t sample = 0; sample < 2; ++sample)
    for (int64_t i = 0; i < 8; ++i) {
      const double value = expected[sample][i];
      EXPECT_NEAR(features[sample][i].item<double>(), value,
                  tolerance::kDeep64 * std::max(1.0, std::abs(value)));
    }
}

INSTANTIATE_TEST_SUITE_P(Libraries, Published,
                         testing::Values("alexnet", "resnet34", "resnet50", "convnext_tiny"));

TEST(ConvnextTiny, LayerScaleBeginsAtAMillionthOnceWeightsAreDrawn) {
  const auto backbone = published("convnext_tiny");
  backbone->weights_drawn();
  const torch::Tensor gamma = backbone->named_parameters()["stages.2.blocks.8.gamma"];
  EXPECT_TRUE(gamma.equal(torch::full({384}, 1e-6, torch::kDouble)));
}

TEST(ConvnextTiny, DropPathIsDrawnByItsKeyAndOnlyInTraining) {
  torch::set_num_threads(1);
  auto backbone = Registry<Backbone>::create("convnext_tiny");
  config::Document::parse("model: {patch: 1, drop_path: 0.9}", "test")
      .bind("model", backbone->fields());
  backbone->build({1, 8, 8}, Norm::kNone);
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = pattern({4, 1, 8, 8}).to(torch::kFloat);
  for (auto& item : backbone->named_parameters())
    if (item.key().ends_with("gamma")) item.value().fill_(1);
  const auto map = [&](std::optional<uint64_t> key) {
    return backbone->forward({x, key}, 0, 5).values;
  };
  const torch::Tensor whole = map({});
  EXPECT_TRUE(map(7).equal(map(7)));
  EXPECT_FALSE(map(7).equal(map(8)));
  EXPECT_FALSE(map(7).equal(whole));
  backbone->eval();
  EXPECT_TRUE(map(7).equal(whole));
}

}  // namespace
}  // namespace espalier::model

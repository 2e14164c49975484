// Networks of self-supervised work on 32 x 32 images, beside those of tests/golden/make_classic.py.
#include <gmock/gmock.h>
#include <torch/torch.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "config/document.h"
#include "model/backbone.h"
#include "support/tolerance.h"

namespace espalier::model {
namespace {

using Shape = std::vector<int64_t>;

std::shared_ptr<Backbone> made(const std::string& name, const std::string& options) {
  auto backbone = Registry<Backbone>::create(name);
  config::Document::parse("model: {" + options + "}", "test").bind("model", backbone->fields());
  backbone->build({3, 32, 32}, Norm::kBatch);
  backbone->to(torch::kDouble);
  return backbone;
}

// Values without a large file: make_torch.py's `pattern`.
torch::Tensor pattern(at::IntArrayRef shape) {
  const torch::Tensor i = torch::arange(c10::multiply_integers(shape), torch::kLong);
  return (i * 40503).remainder(65536).to(torch::kDouble).view(shape) / 65536 - 0.5;
}

void expect_golden(const std::string& name, Backbone& backbone) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/classic.jsonl");
  nlohmann::json golden;
  for (std::string line; golden["case"] != name && std::getline(file, line);)
    golden = nlohmann::json::parse(line);
  const torch::NoGradGuard no_grad;
  int64_t parameters = 0;
  for (auto& item : backbone.named_parameters()) {
    torch::Tensor& weight = item.value();
    parameters += weight.numel();
    const torch::Tensor values = pattern(weight.sizes());
    if (weight.dim() == 4)
      weight.copy_(values * std::sqrt(24 / static_cast<double>(weight[0].numel())));
    else
      weight.copy_(item.key().ends_with("weight") ? values + 1 : values);
  }
  EXPECT_EQ(parameters, golden["parameters"].get<int64_t>());
  const torch::Tensor features = backbone.represent({pattern({2, 3, 32, 32}) * 4});
  for (int64_t sample = 0; sample < 2; ++sample)
    for (int64_t i = 0; i < 8; ++i)
      EXPECT_NEAR(features[sample][i].item<double>(), golden["features"][sample][i].get<double>(),
                  tolerance::kDeep64)
          << name;
}

TEST(Nin, ComputesWhatTheAuthorsNetworkComputes) {
  torch::set_num_threads(1);
  for (const int64_t blocks : {3, 4, 5})
    expect_golden(fmt::format("nin_{}", blocks), *made("nin", fmt::format("blocks: {}", blocks)));
}

TEST(Nin, ABlockIsAStage) {
  const auto nin = made("nin", "blocks: 4");
  EXPECT_THAT(nin->stages(), testing::ElementsAre("conv1", "conv2", "conv3", "conv4"));
  EXPECT_THAT(stage_shapes(*nin, {3, 32, 32}),
              testing::ElementsAre(Shape{96, 16, 16}, Shape{192, 8, 8}, Shape{192, 8, 8},
                                   Shape{192, 8, 8}));
}

TEST(WideResnet28x2, ComputesWhatTheAuthorsNetworkComputes) {
  torch::set_num_threads(1);
  const auto wide = made("wide_resnet28_2", "");
  expect_golden("wide_resnet28_2", *wide);
  EXPECT_THAT(stage_shapes(*wide, {3, 32, 32}),
              testing::ElementsAre(Shape{16, 32, 32}, Shape{32, 32, 32}, Shape{64, 16, 16},
                                   Shape{128, 8, 8}));
}

}  // namespace
}  // namespace espalier::model

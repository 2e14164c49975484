#include "train/network_check.h"

#include <gmock/gmock.h>

#include "train/train_support.h"

namespace espalier::train {
namespace {

using testing::HasSubstr;

// A backbone whose second stage takes other channels than its first one gives.
class Misfit : public model::Backbone {
 public:
  void build(const image::ViewShape& input, model::Norm) override {
    first_ = register_module("first", torch::nn::Conv2d(input.channels, 4, 1));
    second_ = register_module("second", torch::nn::Conv2d(5, 4, 1));
  }
  std::vector<std::string> stages() const override { return {"first", "second"}; }
  std::vector<std::string> stage_modules(int64_t stage) const override {
    return {stage == 0 ? "first" : "second"};
  }

 protected:
  at::Tensor forward_stage(int64_t stage, const model::Features& x) override {
    return (stage == 0 ? first_ : second_)->forward(x.values);
  }

 private:
  torch::nn::Conv2d first_{nullptr}, second_{nullptr};
};
ESPALIER_REGISTER(model::Backbone, Misfit, "misfit_of_the_test", "does not fit itself");

std::string refusal(const std::string& yaml, Kind kind) {
  try {
    const RunConfig config = RunConfig::read(config::Document::parse(yaml, "x.yaml"));
    engine::Network network = config.make_network(kToyFacts);
    try_out(config, network, kToyFacts, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  return "accepted";
}

TEST(NetworkCheck, ShapesThatDoNotFitAreUsageAndNameTheOptions) {
  const std::string text = refusal("model: {name: misfit_of_the_test}\n", Kind::kUsage);
  EXPECT_THAT(text, HasSubstr("views of 3 x 8 x 8"));
  EXPECT_THAT(text, HasSubstr("misfit_of_the_test"));
}

TEST(NetworkCheck, ANetworkLargerThanMemoryIsRefusedWithItsOptionsBeforeItIsMade) {
  const std::string text = refusal("model: {name: conv_bn, widths: [65536, 65536]}\n", Kind::kIo);
  EXPECT_THAT(text, HasSubstr("model.widths: [65536, 65536]"));
  EXPECT_THAT(text, HasSubstr("MB"));
}

TEST(NetworkCheck, EveryTaskPassesOnSmallViewsAndLeavesTheNetworkAsItWas) {
  for (const std::string& task : Registry<pretext::Task>::names()) {
    const RunConfig config = toy_config(task, "batch");
    engine::Network network = toy_network(config);
    const tensor::TensorMap live = engine::state_of(*network.backbone);
    std::map<std::string, at::Tensor> before;
    for (const auto& [name, tensor] : live) before[name] = tensor.clone();
    try_out(config, network, kToyFacts, {});
    EXPECT_TRUE(network.backbone->is_training());
    for (const auto& [name, tensor] : live) EXPECT_TRUE(tensor.equal(before.at(name))) << name;
  }
}

TEST(NetworkCheck, GradientsOfMoreLanesThanMemoryHoldsAreRefused) {
  const RunConfig config = toy_config("rotation", "batch");
  engine::Network network = toy_network(config);
  EXPECT_THROW(try_out(config, network, kToyFacts, {.gradient_buffers = int64_t{1} << 40}), Error);
}

}  // namespace
}  // namespace espalier::train

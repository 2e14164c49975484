#include "tensor/init.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "support/tolerance.h"

namespace espalier::tensor {
namespace {

using torch::nn::BatchNorm2d;
using torch::nn::Conv2d;
using torch::nn::Conv2dOptions;
using torch::nn::Linear;

struct Net : torch::nn::Module {
  explicit Net(bool backwards = false, bool longer = false) {
    if (longer) register_module("extra", Linear(3, 3));
    const auto add_conv = [&] { register_module("conv", Conv2d(Conv2dOptions(8, 48, 3))); };
    const auto add_linear = [&] { register_module("linear", Linear(200, 100)); };
    if (!backwards) add_conv();
    add_linear();
    if (backwards) add_conv();
    register_module("bn", BatchNorm2d(4));
  }
};

torch::Tensor parameter(const torch::nn::Module& module, const std::string& name) {
  return module.named_parameters()[name].detach();
}

TEST(Initialise, DependsOnSeedAndNameAlone) {
  Net net, other(/*backwards=*/true, /*longer=*/true);
  initialise(net, "net.", InitScheme::kHeNormal, 7);
  initialise(other, "net.", InitScheme::kHeNormal, 7);
  for (const auto& item : net.named_parameters())
    EXPECT_TRUE(item.value().equal(parameter(other, item.key()))) << item.key();
}

TEST(Initialise, AgainGivesTheSameBitsWhateverWasThere) {
  Net net;
  initialise(net, "net.", InitScheme::kGlorotUniform, 7);
  const torch::Tensor before = parameter(net, "conv.weight").clone();
  for (auto& weight : net.parameters()) weight.detach().fill_(3);
  initialise(net, "net.", InitScheme::kGlorotUniform, 7);
  EXPECT_TRUE(parameter(net, "conv.weight").equal(before));
}

TEST(Initialise, AnotherSeedPrefixOrSchemeGivesOtherWeights) {
  Net net;
  std::vector<torch::Tensor> weights;
  const auto draw = [&](const char* prefix, InitScheme scheme, uint64_t seed) {
    initialise(net, prefix, scheme, seed);
    weights.push_back(parameter(net, "conv.weight").clone());
  };
  draw("a.", InitScheme::kHeNormal, 7);
  draw("b.", InitScheme::kHeNormal, 7);
  draw("a.", InitScheme::kHeNormal, 8);
  draw("a.", InitScheme::kGlorotUniform, 7);
  for (size_t i = 0; i < weights.size(); ++i)
    for (size_t j = 0; j < i; ++j) EXPECT_FALSE(weights[i].equal(weights[j])) << i << " " << j;
}

TEST(Initialise, VectorsAndStatisticsAreOnesAndZeros) {
  Net net;
  for (auto& buffer : net.buffers()) buffer.fill_(5);
  initialise(net, "", InitScheme::kHeNormal, 1);
  EXPECT_TRUE(parameter(net, "bn.weight").equal(torch::ones(4)));
  EXPECT_TRUE(parameter(net, "bn.bias").equal(torch::zeros(4)));
  EXPECT_TRUE(parameter(net, "conv.bias").equal(torch::zeros(48)));
  const auto buffers = net.named_buffers();
  EXPECT_TRUE(buffers["bn.running_mean"].equal(torch::zeros(4)));
  EXPECT_TRUE(buffers["bn.running_var"].equal(torch::ones(4)));
  EXPECT_EQ(buffers["bn.num_batches_tracked"].item<int64_t>(), 0);
}

TEST(Initialise, HeNormalHasMeanZeroAndTwoOverFanIn) {
  Net net;
  initialise(net, "", InitScheme::kHeNormal, 3);
  const std::pair<const char*, double> fans[] = {{"conv.weight", 8 * 9}, {"linear.weight", 200}};
  for (const auto& [name, fan_in] : fans) {
    const torch::Tensor z = parameter(net, name).to(torch::kDouble) / std::sqrt(2 / fan_in);
    const double bound = tolerance::kDeviations / std::sqrt(static_cast<double>(z.numel()));
    EXPECT_NEAR(z.mean().item<double>(), 0, bound) << name;
    EXPECT_NEAR(z.square().mean().item<double>(), 1, bound * std::sqrt(2)) << name;
    EXPECT_GT(z.abs().max().item<double>(), 3) << name;  // a normal has tails
  }
}

TEST(Initialise, GlorotUniformFillsItsInterval) {
  Net net;
  initialise(net, "", InitScheme::kGlorotUniform, 3);
  const std::pair<const char*, double> fans[] = {{"conv.weight", 8 * 9 + 48 * 9},
                                                 {"linear.weight", 200 + 100}};
  for (const auto& [name, fans_sum] : fans) {
    const torch::Tensor u = parameter(net, name).to(torch::kDouble) / std::sqrt(6 / fans_sum);
    const double bound = tolerance::kDeviations / std::sqrt(static_cast<double>(u.numel()));
    EXPECT_NEAR(u.mean().item<double>(), 0, bound / std::sqrt(3)) << name;
    EXPECT_NEAR(u.square().mean().item<double>(), 1.0 / 3, bound * 0.3) << name;
    EXPECT_LE(u.abs().max().item<double>(), 1 + 1e-6) << name;  // rounding to float
    EXPECT_GT(u.abs().max().item<double>(), 0.99) << name;
  }
}

TEST(Initialise, TruncatedNormalEndsAtTwoDeviations) {
  Net net;
  net.register_parameter("tokens", torch::zeros({1, 40, 50}));
  initialise(net, "", InitScheme::kTruncatedNormal, 3);
  const torch::Tensor drawn = parameter(net, "tokens").clone();
  for (const char* name : {"conv.weight", "linear.weight", "tokens"}) {
    const torch::Tensor z = parameter(net, name).to(torch::kDouble) / 0.02;
    EXPECT_LE(z.abs().max().item<double>(), 2 + 1e-6) << name;
    EXPECT_GT(z.abs().max().item<double>(), 1.9) << name;
    EXPECT_NEAR(z.square().mean().item<double>(), 0.774, 0.05) << name;  // of the cut normal
  }
  initialise(net, "", InitScheme::kHeNormal, 3);
  EXPECT_TRUE(parameter(net, "tokens").equal(drawn));
}

}  // namespace
}  // namespace espalier::tensor

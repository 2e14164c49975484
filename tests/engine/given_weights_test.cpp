#include "engine/given_weights.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "core/files.h"
#include "engine/network.h"
#include "support/error_of.h"
#include "support/temp_dir.h"
#include "tensor/init.h"

namespace espalier::engine {
namespace {

using testing::HasSubstr;

// Four stages: conv1, bn1 and so on.
std::shared_ptr<model::Backbone> backbone_of(int64_t channels, uint64_t seed) {
  auto backbone = Registry<model::Backbone>::create("conv_bn");
  backbone->build({channels, 16, 16}, model::Norm::kBatch);
  tensor::initialise(*backbone, "backbone.", tensor::InitScheme::kHeNormal, seed);
  return backbone;
}

GivenWeights weights_of(int64_t channels) {
  GivenWeights given;
  given.parent.path = "given.pth";
  for (const auto& [name, tensor] : state_of(*backbone_of(channels, 1)))
    given.weights[name] = tensor.clone();
  return given;
}

TEST(GivenWeights, ReplaceAllThatWasDrawn) {
  const GivenWeights given = weights_of(3);
  const auto backbone = backbone_of(3, 2);
  const auto names = given.give(*backbone, {3, 16, 16}, 0);
  EXPECT_EQ(names.size(), backbone->parameters().size());
  for (const auto& [name, tensor] : state_of(*backbone))
    EXPECT_TRUE(tensor.equal(given.weights.at(name))) << name;
}

TEST(GivenWeights, OfTheFirstStagesLeaveTheOthersAsDrawn) {
  const GivenWeights given = weights_of(3);
  const auto backbone = backbone_of(3, 2);
  const auto names = given.give(*backbone, {3, 16, 16}, 1);
  EXPECT_THAT(names, testing::ElementsAre("bn1.bias", "bn1.weight", "conv1.weight"));
  const auto drawn = backbone_of(3, 2);
  EXPECT_TRUE(backbone->named_parameters()["conv2.weight"].equal(
      drawn->named_parameters()["conv2.weight"]));
  EXPECT_THAT(error_of(Kind::kUsage,
                       [&] {
                         given.give(*backbone, {3, 16, 16}, 5);
                       }),
              HasSubstr("4 stages"));
}

TEST(GivenWeights, FirstConvolutionIsAdaptedToOtherChannelsAsTimmDoesIt) {
  const GivenWeights given = weights_of(3);
  const torch::Tensor three = given.weights.at("conv1.weight");
  const auto first = [&](int64_t channels) {
    const auto backbone = backbone_of(channels, 2);
    given.give(*backbone, {channels, 16, 16}, 0);
    return backbone->named_parameters()["conv1.weight"].detach();
  };
  EXPECT_TRUE(first(1).equal(three.sum(1, true)));
  EXPECT_TRUE(first(4).equal(torch::cat({three, three.narrow(1, 0, 1)}, 1) * 0.75));
}

TEST(GivenWeights, NamesThatDoNotMatchAreRefusedWithTheNearest) {
  GivenWeights given = weights_of(3);
  given.weights["conv2.wieght"] = given.weights.at("conv2.weight");
  given.weights.erase("conv2.weight");
  const std::string error = error_of(Kind::kUsage, [&] {
    given.give(*backbone_of(3, 2), {3, 16, 16}, 0);
  });
  EXPECT_THAT(error, HasSubstr("lack conv2.weight (near: conv2.wieght)"));
  EXPECT_THAT(error, HasSubstr("have conv2.wieght (near: conv2.weight)"));
}

TEST(GivenWeights, ShapesThatDoNotMatchAreRefusedWithBoth) {
  GivenWeights given = weights_of(3);
  given.weights["conv2.weight"] = torch::zeros({32, 16, 5, 5});
  EXPECT_THAT(error_of(Kind::kUsage,
                       [&] {
                         given.give(*backbone_of(3, 2), {3, 16, 16}, 0);
                       }),
              HasSubstr("conv2.weight is 32 x 16 x 5 x 5 in given.pth, and 32 x 16 x 3 x 3"));
}

// As timm leaves a folder; wrapped, with a classifier, without counters of batches.
TEST(GivenWeights, AreReadFromAFolderWithWhatStandsBesideThem) {
  const TempDir folder;
  const GivenWeights whole = weights_of(3);
  tensor::TensorMap saved = {{"module.fc.weight", torch::zeros({2, 64})}};
  for (const auto& [name, tensor] : whole.weights)
    if (!name.ends_with("num_batches_tracked")) saved["module." + name] = tensor;
  write_file(folder / "model.safetensors", tensor::to_safetensors(saved));
  write_file(
      folder / "config.json",
      R"({"pretrained_cfg": {"mean": [0.1, 0.2, 0.3], "std": [1, 2, 3], "license": "mit"}})");
  const GivenWeights given = GivenWeights::open(folder.path());
  EXPECT_EQ(given.parent.mean, (std::vector{0.1, 0.2, 0.3}));
  EXPECT_EQ(given.parent.std, (std::vector{1.0, 2.0, 3.0}));
  EXPECT_EQ(given.parent.licence, "mit");
  EXPECT_EQ(given.parent.sha256.size(), 64U);
  const auto backbone = backbone_of(3, 2);
  given.give(*backbone, {3, 16, 16}, 0);
  for (const auto& [name, tensor] : state_of(*backbone))
    EXPECT_TRUE(tensor.equal(whole.weights.at(name))) << name;
}

TEST(GivenWeights, ThatAreNotThereAreAUsageError) {
  const TempDir folder;
  for (const std::string& source :
       {(folder / "no.pth").string(), folder.path().string(), folder.path().string() + "@100"})
    EXPECT_FALSE(error_of(Kind::kUsage, [&] { GivenWeights::open(source); }).empty());
}

}  // namespace
}  // namespace espalier::engine

// Conformance: what every registered backbone has to hold.
#include "model/backbone.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <set>

#include "backbone_support.h"
#include "support/tolerance.h"

namespace espalier::model {
namespace {

class EveryBackbone : public testing::TestWithParam<std::string> {};

TEST_P(EveryBackbone, CutAnywhereComputesTheSameBits) {
  const ViewShape input = taken(GetParam(), {3, 18, 18});
  for (Norm norm : norms_of(GetParam())) {
    const auto backbone = make(GetParam(), input, norm);
    const torch::Tensor x = images(input);
    const torch::NoGradGuard no_grad;
    for (const bool training : {true, false}) {
      backbone->train(training);
      const torch::Tensor whole = backbone->forward({x}, 0, backbone->stage_count()).values;
      EXPECT_TRUE(whole.isfinite().all().item<bool>());
      for (int64_t cut = 0; cut <= backbone->stage_count(); ++cut) {
        const Features kept = backbone->forward({x}, 0, cut);
        EXPECT_TRUE(backbone->forward(kept, cut, backbone->stage_count()).values.equal(whole))
            << name_of(norm) << " " << training << " cut " << cut;
      }
    }
  }
}

TEST_P(EveryBackbone, StagesHaveTheShapesThatStageShapesSays) {
  for (const ViewShape& wanted : {ViewShape{3, 32, 32}, {1, 37, 29}, {4, 19, 50}}) {
    const ViewShape input = taken(GetParam(), wanted);
    const auto backbone = make(GetParam(), input, first_norm(GetParam()));
    const auto buffers = backbone->buffers();
    std::vector<torch::Tensor> before;
    for (const torch::Tensor& buffer : buffers) before.push_back(buffer.clone());
    const auto shapes = stage_shapes(*backbone, input);
    EXPECT_TRUE(backbone->is_training());
    for (size_t i = 0; i < buffers.size(); ++i) EXPECT_TRUE(buffers[i].equal(before[i]));

    ASSERT_EQ(static_cast<int64_t>(shapes.size()), backbone->stage_count());
    Features x{images(input)};
    for (int64_t stage = 0; stage < backbone->stage_count(); ++stage) {
      x = backbone->forward(x, stage, stage + 1);
      EXPECT_EQ(x.values.sizes().slice(1).vec(), shapes[static_cast<size_t>(stage)]) << stage;
    }
    EXPECT_EQ(backbone->pooled(x.values).dim(), 2);
    EXPECT_EQ(backbone->pooled(x.values).size(0), 2);
  }
}

TEST_P(EveryBackbone, StageNamesAreDistinctAndTheirModulesExist) {
  const auto backbone = built(GetParam(), taken(GetParam(), {3, 32, 32}), first_norm(GetParam()));
  const auto stages = backbone->stages();
  EXPECT_EQ(std::set<std::string>(stages.begin(), stages.end()).size(), stages.size());
  for (int64_t stage = 0; stage < backbone->stage_count(); ++stage)
    for (const std::string& module : backbone->stage_modules(stage))
      EXPECT_TRUE(backbone->named_modules().contains(module) ||
                  backbone->named_parameters().contains(module))
          << module;
}

TEST_P(EveryBackbone, EveryParameterAndBufferBelongsToOneStage) {
  for (Norm norm : norms_of(GetParam())) {
    const auto backbone = built(GetParam(), taken(GetParam(), {3, 32, 32}), norm);
    std::vector<std::string> names = backbone->named_parameters().keys();
    for (const std::string& name : backbone->named_buffers().keys()) names.push_back(name);
    for (const std::string& name : names) {
      int owners = 0;
      for (int64_t stage = 0; stage < backbone->stage_count(); ++stage)
        for (const std::string& module : backbone->stage_modules(stage))
          owners += name == module || name.starts_with(module + ".");
      EXPECT_EQ(owners, 1) << name;
      EXPECT_NO_THROW(stage_of(*backbone, name)) << name;
    }
  }
}

TEST_P(EveryBackbone, NormNamesTheNormalisation) {
  const auto buffers = [](Norm norm) {
    return built(GetParam(), taken(GetParam(), {3, 32, 32}), norm)->buffers().size();
  };
  for (const Norm norm : norms_of(GetParam())) EXPECT_EQ(buffers(norm) > 0, norm == Norm::kBatch);
  const Norm own = Registry<Backbone>::create(GetParam())->own_norm();
  EXPECT_THAT(norms_of(GetParam()), testing::Contains(own));
}

TEST_P(EveryBackbone, FrozenStagesDoNotChangeAndTheOthersLearn) {
  const ViewShape input = taken(GetParam(), {3, 18, 18});
  const int64_t stages = built(GetParam(), input, first_norm(GetParam()))->stage_count();
  for (int64_t frozen = 0; frozen <= stages; ++frozen) {
    const auto backbone = make(GetParam(), input, first_norm(GetParam()));
    backbone->freeze(frozen);
    backbone->train();
    std::map<std::string, torch::Tensor> before;
    for (const auto& item : backbone->named_buffers()) before[item.key()] = item.value().clone();
    const Features map = backbone->forward({images(input).requires_grad_()}, 0, frozen);
    EXPECT_EQ(map.values.requires_grad(), frozen == 0);
    const torch::Tensor y = backbone->forward(map, frozen, stages).values;
    EXPECT_EQ(y.requires_grad(), frozen < stages);
    if (y.requires_grad()) y.sum().backward();
    for (const auto& item : backbone->named_parameters()) {
      const bool learns = stage_of(*backbone, item.key()) >= frozen;
      EXPECT_EQ(item.value().requires_grad(), learns) << item.key();
      EXPECT_EQ(item.value().grad().defined(), learns) << item.key();
    }
    for (const auto& item : backbone->named_buffers())
      EXPECT_EQ(item.value().equal(before[item.key()]), stage_of(*backbone, item.key()) < frozen)
          << item.key() << " frozen " << frozen;
  }
}

TEST_P(EveryBackbone, FrozenStagesStayInEvaluationModeThroughTrainAndEval) {
  const auto backbone = built(GetParam(), taken(GetParam(), {3, 24, 24}), first_norm(GetParam()));
  backbone->freeze(1);
  for (const bool training : {false, true}) {
    backbone->train(training);
    EXPECT_EQ(backbone->is_training(), training);
    for (int64_t stage = 0; stage < backbone->stage_count(); ++stage)
      for (const std::string& name : backbone->stage_modules(stage)) {
        const auto modules = backbone->named_modules();
        if (!modules.contains(name)) continue;
        for (const auto& module : modules[name]->modules())
          EXPECT_EQ(module->is_training(), training && stage >= 1) << name;
      }
  }
}

TEST_P(EveryBackbone, AFrozenStageAboveOneThatLearnsPassesItsGradientOn) {
  const ViewShape input = taken(GetParam(), {3, 18, 18});
  const auto backbone = make(GetParam(), input, first_norm(GetParam()));
  const int64_t last = backbone->stage_count() - 1;
  if (last == 0) return;
  backbone->freeze_stage(last);
  backbone->train();
  std::map<std::string, torch::Tensor> before;
  for (const auto& item : backbone->named_buffers()) before[item.key()] = item.value().clone();
  backbone->forward({images(input)}, 0, last + 1).values.sum().backward();
  for (const auto& item : backbone->named_parameters())
    EXPECT_EQ(item.value().grad().defined(), stage_of(*backbone, item.key()) < last) << item.key();
  for (const auto& item : backbone->named_buffers())
    EXPECT_EQ(item.value().equal(before[item.key()]), stage_of(*backbone, item.key()) == last)
        << item.key();
}

TEST_P(EveryBackbone, StagesThatAreComputedAgainHaveTheSameGradients) {
  const ViewShape input = taken(GetParam(), {3, 18, 18});
  std::map<std::string, torch::Tensor> kept;
  for (const bool again : {false, true}) {
    const auto backbone = make(GetParam(), input, first_norm(GetParam()));
    backbone->recompute_stages(again);
    backbone->forward({images(input), /*drop_key=*/1}, 0, backbone->stage_count())
        .values.square()
        .sum()
        .backward();
    for (const auto& item : backbone->named_parameters())
      if (again)
        EXPECT_TRUE(item.value().grad().equal(kept[item.key()])) << item.key();
      else
        kept[item.key()] = item.value().grad();
  }
}

TEST_P(EveryBackbone, TakesTheSmallestImagesThatItNames) {
  const int64_t least = Registry<Backbone>::create(GetParam())->smallest_input();
  const auto backbone = built(GetParam(), {3, least, least}, first_norm(GetParam()));
  EXPECT_FALSE(stage_shapes(*backbone, {3, least, least}).empty());
}

TEST_P(EveryBackbone, TinyImagesWorkOrAreRefusedBeforeAnythingIsComputed) {
  for (const int64_t size : {1, 2, 3, 9, 17, 18}) {
    const ViewShape input{1, size, size};
    try {
      const auto backbone = make(GetParam(), input, norms_of(GetParam()).back());
      backbone->eval();
      const torch::Tensor y = backbone->forward({images(input)}, 0, backbone->stage_count()).values;
      EXPECT_GT(y.numel(), 0) << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage) << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryBackbone, testing::ValuesIn(Registry<Backbone>::names()));

TEST(Pooled, AveragesMapsOverSpaceAndTokensOverPatches) {
  const auto backbone = Registry<Backbone>::create("cnn");
  const torch::Tensor map = torch::arange(24, torch::kFloat).view({1, 2, 3, 4});
  EXPECT_TRUE(backbone->pooled(map).equal(torch::tensor({{5.5F, 17.5F}})));
  EXPECT_TRUE(
      backbone->pooled(map.view({1, 6, 4}).slice(2, 0, 2)).equal(torch::tensor({{10.F, 11.F}})));
  EXPECT_TRUE(backbone->pooled(map.view({2, 12})).equal(map.view({2, 12})));
}

TEST(StageOf, ANameThatOnlyBeginsLikeAModuleIsNotOfItsStage) {
  const auto backbone = built("resnet18", {3, 32, 32}, Norm::kBatch);
  EXPECT_EQ(stage_of(*backbone, "layer1.0.conv1.weight"), 1);
  EXPECT_THROW(stage_of(*backbone, "layer10.weight"), Error);
}

TEST(Cnn, HasTheParametersOfTheTutorialOnceItHasTenClasses) {
  const auto cnn = built("cnn", {3, 32, 32}, Registry<Backbone>::create("cnn")->own_norm());
  int64_t parameters = torch::nn::Linear(64, 10)->weight.numel() + 10;
  for (const torch::Tensor& parameter : cnn->parameters()) parameters += parameter.numel();
  EXPECT_EQ(parameters, 122'570);
  EXPECT_THAT(cnn->stages(), testing::ElementsAre("conv1", "conv2", "conv3", "dense64"));
  using Shape = std::vector<int64_t>;
  EXPECT_THAT(stage_shapes(*cnn, {3, 32, 32}),
              testing::ElementsAre(Shape{32, 15, 15}, Shape{64, 6, 6}, Shape{64, 4, 4}, Shape{64}));
}

TEST(ConvBn, RefusesPoolsThatLeaveNothing) {
  EXPECT_THROW(built("conv_bn", {3, 3, 32}, Norm::kBatch), Error);
  EXPECT_NO_THROW(built("conv_bn", {3, 4, 4}, Norm::kBatch));
}

}  // namespace
}  // namespace espalier::model

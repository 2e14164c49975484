#include "engine/parameter_groups.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <map>

namespace espalier::engine {
namespace {

// Of a cnn (four stages) and a classifier: the group of each parameter, without its tensors.
std::map<std::string, optim::Group> groups_of(KeptStages kept, const optim::OptimOptions& options) {
  const auto backbone = Registry<model::Backbone>::create("cnn");
  backbone->build({3, 32, 32}, model::Norm::kBatch);
  std::vector<NamedTensor> parameters;
  for (const auto& item : backbone->named_parameters())
    parameters.push_back({"backbone." + item.key(), item.value().detach()});
  parameters.push_back({"task.classifier.weight", torch::zeros({4, 64})});
  parameters.push_back({"task.classifier.bias", torch::zeros({4})});
  std::vector<at::Tensor> gradients;
  for (const NamedTensor& parameter : parameters)
    gradients.push_back(torch::zeros_like(parameter.tensor));

  std::map<std::string, optim::Group> found;
  for (const optim::Group& group :
       parameter_groups(parameters, gradients, *backbone, kept, options))
    for (const std::string& name : group.names)
      EXPECT_TRUE(found
                      .emplace(name, optim::Group{.lr_factor = group.lr_factor,
                                                  .constant = group.constant,
                                                  .decay = group.decay,
                                                  .hidden = group.hidden})
                      .second)
          << name << " is in two groups";
  EXPECT_EQ(found.size(), parameters.size());
  return found;
}

TEST(ParameterGroups, WithoutLayerDecayAllHaveTheSameRate) {
  for (const auto& [name, group] : groups_of({.count = 4}, {}))
    EXPECT_EQ(group.lr_factor, 1) << name;
}

TEST(ParameterGroups, RatesFallFromTheHeadToTheFirstStage) {
  optim::OptimOptions options;
  options.layer_decay = 0.5;
  const auto groups = groups_of({.count = 4}, options);
  EXPECT_EQ(groups.at("task.classifier.weight").lr_factor, 1);
  EXPECT_EQ(groups.at("backbone.dense.bias").lr_factor, 0.5);
  EXPECT_EQ(groups.at("backbone.conv3.weight").lr_factor, 0.25);
  EXPECT_EQ(groups.at("backbone.bn1.weight").lr_factor, 0.0625);
}

TEST(ParameterGroups, StagesThatAreNotKeptLearnLikeTheHead) {
  optim::OptimOptions options;
  options.layer_decay = 0.5;
  const auto groups = groups_of({.count = 2, .lr_factor = 0.1}, options);
  EXPECT_EQ(groups.at("backbone.dense.weight").lr_factor, 1);
  EXPECT_EQ(groups.at("backbone.conv3.weight").lr_factor, 1);
  EXPECT_DOUBLE_EQ(groups.at("backbone.conv2.weight").lr_factor, 0.05);
  EXPECT_DOUBLE_EQ(groups.at("backbone.conv1.weight").lr_factor, 0.025);
}

TEST(ParameterGroups, HiddenAreMatricesOfTheBackboneAfterItsFirstStage) {
  const auto groups = groups_of({.count = 4}, {});
  for (const auto& [name, group] : groups)
    EXPECT_EQ(group.hidden, name == "backbone.conv2.weight" || name == "backbone.conv3.weight" ||
                                name == "backbone.dense.weight")
        << name;
}

TEST(ParameterGroups, RatesThatDoNotFollowTheScheduleAreApart) {
  const std::string own = "task.classifier.weight";
  for (const auto& [name, group] : groups_of({.count = 4, .constant = {own}}, {}))
    EXPECT_EQ(group.constant, name == own) << name;
}

}  // namespace
}  // namespace espalier::engine

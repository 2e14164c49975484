#include "optim/optimizer.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "config/document.h"
#include "support/tolerance.h"

namespace espalier::optim {
namespace {

using nlohmann::json;

// A line of tests/golden/torch.jsonl, which make_torch.py wrote with PyTorch.
json golden(const std::string& name) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/torch.jsonl");
  for (std::string line; std::getline(file, line);)
    if (json::parse(line)["case"] == name) return json::parse(line);
  throw Error(Kind::kData, "no golden case {}", name);
}

std::shared_ptr<Optimizer> make(const std::string& name, const std::string& options) {
  auto optimizer = Registry<Optimizer>::create(name);
  config::Document::parse("optim: {" + options + "}", "test").bind("optim", optimizer->fields());
  return optimizer;
}

// Minimises sum of a/2 (w - b)^2 over a weight [3, 2] and a bias [2]; make_torch.py's `problem`.
struct Problem {
  std::vector<std::string> names = {"weight", "bias"};
  std::vector<at::Tensor> weights, gradients, slopes, targets;

  explicit Problem(at::ScalarType type = torch::kDouble) {
    add({3, 2}, 0, type);
    add({2}, 6, type);
  }
  void add(at::IntArrayRef shape, int64_t offset, at::ScalarType type) {
    const torch::Tensor i =
        torch::arange(offset, offset + c10::multiply_integers(shape), torch::TensorOptions(type))
            .view(shape);
    weights.push_back((i.remainder(5) - 2) / 4 + 0.125);
    slopes.push_back((i + 1) / 8);
    targets.push_back((i.remainder(4) - 2) / 2);
    gradients.push_back(torch::zeros(shape, type));
  }
  std::vector<Group> groups(double lr_factor = 1) const {
    return decay_groups(names, weights, gradients, lr_factor, /*decay_vectors=*/false);
  }
  void step(Optimizer& optimizer, int64_t done) {
    for (size_t i = 0; i < weights.size(); ++i)
      gradients[i].copy_(slopes[i] * (weights[i] - targets[i]));
    optimizer.step(0.1 * (1 - static_cast<double>(done) / 40));
  }
  std::vector<double> values() const {
    const torch::Tensor flat =
        torch::cat({weights[0].flatten(), weights[1]}).to(torch::kDouble).contiguous();
    return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
  }
};

void expect_golden(const std::string& name, Optimizer& optimizer, double lr_factor = 1) {
  const json path = golden(name)["path"];
  ASSERT_EQ(path.size(), 20U);
  Problem problem;
  optimizer.start(problem.groups(lr_factor));
  for (size_t done = 0; done < path.size(); ++done) {
    problem.step(optimizer, static_cast<int64_t>(done));
    const std::vector<double> values = problem.values();
    for (size_t i = 0; i < values.size(); ++i)
      ASSERT_NEAR(values[i], path[done][i].get<double>(), tolerance::kRounding64)
          << name << " after step " << done + 1 << ", element " << i;
  }
}

TEST(Sgd, FollowsPyTorchForTwentySteps) {
  expect_golden("sgd_nesterov_decay",
                *make("sgd", "momentum: 0.9, nesterov: true, weight_decay: 0.05"));
  expect_golden("sgd_heavy_ball", *make("sgd", "momentum: 0.8, nesterov: false, weight_decay: 0"));
  expect_golden("sgd_plain_decay",
                *make("sgd", "momentum: 0, nesterov: false, weight_decay: 0.05"));
}

TEST(Sgd, RateOfAGroupIsTheFactorTimesTheScheduled) {
  const auto sgd = make("sgd", "momentum: 0.9, nesterov: true, weight_decay: 0.05");
  expect_golden("sgd_slow", *sgd, 0.125);
}

TEST(Sgd, AConstantRateIsTheHighestOfTheRunTimesTheFactor) {
  Problem problem;
  std::vector<Group> groups = problem.groups(/*lr_factor=*/0.5);
  groups[1].constant = true;
  const auto optimizer = make("sgd", "momentum: 0, weight_decay: 0");
  optimizer->start(std::move(groups));
  for (at::Tensor& gradient : problem.gradients) gradient.fill_(1);
  const Problem before;
  optimizer->step({.lr = 0.25, .highest_lr = 2});
  EXPECT_TRUE(problem.weights[0].equal(before.weights[0] - 0.125));
  EXPECT_TRUE(problem.weights[1].equal(before.weights[1] - 1));
}

TEST(AdamW, FollowsPyTorchForTwentySteps) {
  expect_golden("adamw", *make("adamw", ""));
  expect_golden("adamw_decay",
                *make("adamw", "beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weight_decay: 0.3"));
}

TEST(AdamW, WithoutDecayIsAdam) { expect_golden("adam", *make("adamw", "weight_decay: 0")); }

TEST(Adam, FollowsPyTorchForTwentySteps) { expect_golden("adam", *make("adam", "")); }

// The first update of Adam has the length of the rate, whatever the gradient.
TEST(Adam, TheFirstUpdateIsTheFirstWhateverStepOfTheRunItIs) {
  for (const char* name : {"adam", "adamw"}) {
    Problem problem;
    const auto optimizer = make(name, "epsilon: 1e-12");
    optimizer->start(problem.groups());
    for (at::Tensor& gradient : problem.gradients) gradient.fill_(3);
    const auto before = problem.values();
    optimizer->step(1e-3);
    const auto after = problem.values();
    for (size_t i = 0; i < before.size(); ++i)
      EXPECT_NEAR(before[i] - after[i], 1e-3, 2e-5) << name;
    for (const auto& [state, tensor] : optimizer->state())
      if (state.starts_with("updates.")) EXPECT_EQ(tensor.item<double>(), 1) << state;
  }
}

// Conformance: what every registered optimizer has to hold.
class EveryOptimizer : public testing::TestWithParam<std::string> {};

TEST_P(EveryOptimizer, MovesEveryWeightInEitherPrecision) {
  for (const auto type : {torch::kFloat, torch::kDouble}) {
    Problem problem(type);
    const auto before = problem.values();
    auto optimizer = Registry<Optimizer>::create(GetParam());
    optimizer->start(problem.groups());
    for (int64_t done = 0; done < 3; ++done) problem.step(*optimizer, done);
    const auto after = problem.values();
    for (size_t i = 0; i < before.size(); ++i) {
      EXPECT_TRUE(std::isfinite(after[i]));
      EXPECT_NE(after[i], before[i]) << i;
    }
  }
}

TEST_P(EveryOptimizer, ContinuesFromItsStateBitForBitInAnyBuildOrder) {
  Problem whole, first;
  auto reference = Registry<Optimizer>::create(GetParam());
  reference->start(whole.groups());
  for (int64_t done = 0; done < 8; ++done) whole.step(*reference, done);

  auto begun = Registry<Optimizer>::create(GetParam());
  begun->start(first.groups());
  for (int64_t done = 0; done < 3; ++done) first.step(*begun, done);
  auto continued = Registry<Optimizer>::create(GetParam());
  std::vector<Group> groups = first.groups();
  std::swap(groups[0], groups[1]);
  continued->start(groups);
  continued->restore(begun->state());
  for (int64_t done = 3; done < 8; ++done) first.step(*continued, done);
  EXPECT_EQ(first.values(), whole.values());
}

TEST_P(EveryOptimizer, StateIsACopyOfNothingAndNamedByParameter) {
  Problem problem;
  auto optimizer = Registry<Optimizer>::create(GetParam());
  optimizer->start(problem.groups());
  const auto state = optimizer->state();
  EXPECT_EQ(state.size() % 2, 0U);
  for (const auto& [name, tensor] : state) {
    EXPECT_TRUE(name.ends_with(".weight") || name.ends_with(".bias")) << name;
    EXPECT_FALSE(tensor.any().item<bool>()) << name << " does not start at zero";
  }
}

TEST_P(EveryOptimizer, RefusesAStateThatIsNotItsOwn) {
  Problem problem;
  auto optimizer = Registry<Optimizer>::create(GetParam());
  optimizer->start(problem.groups());
  const auto expect_refused = [&](std::map<std::string, at::Tensor> saved) {
    try {
      optimizer->restore(saved);
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kData);
    }
  };
  const auto state = optimizer->state();
  auto missing = state, renamed = state, reshaped = state;
  missing.erase(missing.begin());
  expect_refused(missing);
  renamed.erase(renamed.begin());
  renamed["other.weight"] = state.begin()->second;
  expect_refused(renamed);
  reshaped.begin()->second = torch::zeros(17);
  expect_refused(reshaped);
}

TEST_P(EveryOptimizer, TakesAnyLayoutThatWeightAndGradientShareAndRefusesTwo) {
  const torch::Tensor weight = torch::arange(48, torch::kDouble).view({2, 3, 2, 4}).sin();
  const torch::Tensor gradient = torch::arange(48, torch::kDouble).view({2, 3, 2, 4}).cos();
  const auto stepped = [&](at::MemoryFormat of_weight, at::MemoryFormat of_gradient) {
    const std::vector<at::Tensor> weights = {weight.clone(of_weight)};
    auto optimizer = Registry<Optimizer>::create(GetParam());
    optimizer->start(decay_groups({"w"}, weights, {gradient.clone(of_gradient)}, 1, false));
    for (int64_t number = 1; number <= 2; ++number) optimizer->step(0.1);
    return weights[0];
  };
  const torch::Tensor plain = stepped(at::MemoryFormat::Contiguous, at::MemoryFormat::Contiguous);
  const auto last = at::MemoryFormat::ChannelsLast;
  // Norms are sums in the order of memory.
  EXPECT_TRUE(torch::allclose(stepped(last, last), plain, 0, tolerance::kRounding64));
  EXPECT_THROW(stepped(last, at::MemoryFormat::Contiguous), Error);
  EXPECT_THROW(stepped(at::MemoryFormat::Contiguous, last), Error);
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryOptimizer, testing::ValuesIn(Registry<Optimizer>::names()));

TEST(DecayGroups, VectorsDoNotDecayUnlessAsked) {
  const Problem problem;
  const auto groups = decay_groups(problem.names, problem.weights, problem.gradients, 0.5, false);
  for (const Group& group : groups) {
    EXPECT_EQ(group.lr_factor, 0.5);
    EXPECT_THAT(group.names, testing::ElementsAre(group.decay ? "weight" : "bias"));
    EXPECT_EQ(group.weights.size(), 1U);
    EXPECT_EQ(group.gradients.size(), 1U);
  }
  for (const Group& group :
       decay_groups(problem.names, problem.weights, problem.gradients, 1, true))
    EXPECT_TRUE(group.decay);
}

TEST(DecayGroups, TokensAndPositionsAreNoMatrices) {
  const std::vector<torch::Tensor> tensors = {torch::zeros({1, 5, 8}), torch::zeros({4, 5, 8}),
                                              torch::zeros({1, 8})};
  const auto groups = decay_groups({"positions", "weight", "row"}, tensors, tensors, 1, false);
  EXPECT_THAT(groups[0].names, testing::ElementsAre("weight", "row"));
  EXPECT_THAT(groups[1].names, testing::ElementsAre("positions"));
}

TEST(DecayGroups, TensorsAreTheLiveOnes) {
  Problem problem;
  const auto groups = problem.groups();
  problem.weights[0].fill_(3);
  problem.gradients[0].fill_(4);
  EXPECT_EQ(groups[0].weights[0].min().item<double>(), 3);
  EXPECT_EQ(groups[0].gradients[0].min().item<double>(), 4);
}

}  // namespace
}  // namespace espalier::optim

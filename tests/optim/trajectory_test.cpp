// A hundred steps of every optimizer, and the rates of schedules, against other implementations:
// tests/golden/make_optim.py, whose problem is repeated here.
#include <gmock/gmock.h>
#include <torch/torch.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "config/document.h"
#include "optim/course.h"
#include "optim/optimizer.h"
#include "support/tolerance.h"

namespace espalier::optim {
namespace {

using nlohmann::json;

constexpr int64_t kSteps = 100;

json golden(const std::string& name) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/optim.jsonl");
  for (std::string line; std::getline(file, line);)
    if (json::parse(line)["case"] == name) return json::parse(line);
  throw Error(Kind::kData, "no golden case {}", name);
}

template <typename T>
std::shared_ptr<T> make(const std::string& name, const std::string& options) {
  auto made = Registry<T>::create(name);
  config::Document::parse("optim: {" + options + "}", "test").bind("optim", made->fields());
  return made;
}

torch::Tensor pattern(at::IntArrayRef shape, int64_t offset) {
  const int64_t count = c10::multiply_integers(shape);
  const torch::Tensor i = torch::arange(offset, offset + count);
  return (i * 40503).remainder(65536).to(torch::kDouble).view(shape) / 65536 - 0.5;
}

struct Problem {
  std::vector<std::string> names = {"matrix", "filter", "vector"};
  std::vector<at::Tensor> weights, gradients;

  Problem() {
    for (const std::vector<int64_t>& shape :
         {std::vector<int64_t>{4, 3}, std::vector<int64_t>{3, 2, 2, 2}, std::vector<int64_t>{5}}) {
      weights.push_back(pattern(shape, 100 * static_cast<int64_t>(weights.size())));
      gradients.push_back(torch::zeros(shape, torch::kDouble));
    }
  }
  std::vector<Group> groups() const { return decay_groups(names, weights, gradients, 1, false); }
  void step(Optimizer& optimizer, int64_t step, const std::set<std::string>& resting = {}) {
    for (size_t k = 0; k < weights.size(); ++k)
      gradients[k].copy_(
          pattern(weights[k].sizes(), 100 * static_cast<int64_t>(k) + 9973 * (step + 1)));
    optimizer.step(0.1 * (1 - static_cast<double>(step) / (2 * kSteps)), resting);
  }
  std::vector<double> values() const {
    std::vector<at::Tensor> flat;
    for (const at::Tensor& weight : weights) flat.push_back(weight.flatten());
    const torch::Tensor all = torch::cat(flat);
    return {all.const_data_ptr<double>(), all.const_data_ptr<double>() + all.numel()};
  }
};

void expect_golden(const std::string& name, const std::string& optimizer,
                   const std::string& options) {
  const std::vector<double> end = golden(name)["end"];
  const auto made = make<Optimizer>(optimizer, options);
  Problem problem;
  made->start(problem.groups());
  for (int64_t step = 0; step < kSteps; ++step) problem.step(*made, step);
  const std::vector<double> values = problem.values();
  ASSERT_EQ(values.size(), end.size());
  for (size_t i = 0; i < end.size(); ++i)
    EXPECT_NEAR(values[i], end[i], tolerance::kRounding64 * std::max(1.0, std::abs(end[i])))
        << name << ", element " << i;
}

TEST(Trajectory, SgdIsPyTorchs) {
  expect_golden("sgd", "sgd", "momentum: 0.9, nesterov: true, weight_decay: 0.05");
  expect_golden("sgd_heavy_ball", "sgd", "momentum: 0.9, nesterov: false, weight_decay: 0.05");
}

TEST(Trajectory, AdamAndAdamWArePyTorchs) {
  expect_golden("adam", "adam", "");
  expect_golden("adamw", "adamw", "beta2: 0.95, weight_decay: 0.05");
}

TEST(Trajectory, LarsIsLightlysAndWithClippingTheRuleOfSoloLearn) {
  expect_golden("lars", "lars", "weight_decay: 1e-2, trust: 0.1");
  expect_golden("lars_clip", "lars", "weight_decay: 1e-2, trust: 0.02, clip_lr: true");
}

TEST(Trajectory, LambIsThePapers) { expect_golden("lamb", "lamb", "weight_decay: 0.05"); }

TEST(Trajectory, MuonIsPyTorchsWithoutItsRoundingToBfloat16) {
  expect_golden("muon", "muon", "weight_decay: 0.1");
  expect_golden("muon_plain", "muon", "momentum: 0.8, nesterov: false, weight_decay: 0");
}

TEST(Muon, MovesByAdamWWhatIsNotHidden) {
  Problem problem, same;
  std::vector<Group> groups = problem.groups();
  for (Group& group : groups) group.hidden = false;
  const auto muon = make<Optimizer>("muon", "weight_decay: 0.05, beta2: 0.95");
  const auto adamw = make<Optimizer>("adamw", "weight_decay: 0.05, beta2: 0.95");
  muon->start(groups);
  adamw->start(same.groups());
  for (int64_t step = 0; step < 3; ++step) {
    problem.step(*muon, step);
    same.step(*adamw, step);
  }
  EXPECT_EQ(problem.values(), same.values());
}

TEST(Lars, DoesNotAdaptWhatHasNoNorm) {
  const std::vector<at::Tensor> weights = {torch::zeros({2, 2}, torch::kDouble)};
  const std::vector<at::Tensor> gradients = {torch::ones({2, 2}, torch::kDouble)};
  const auto lars = make<Optimizer>("lars", "");
  lars->start(decay_groups({"w"}, weights, gradients, 1, false));
  lars->step(0.5);
  EXPECT_TRUE(weights[0].equal(torch::full({2, 2}, -0.5, torch::kDouble)));
}

class EveryOptimizerHere : public testing::TestWithParam<std::string> {};

TEST_P(EveryOptimizerHere, LeavesWhatRestsWithItsStateAndMovesTheOthersAsIfAlone) {
  Problem problem, whole;
  const auto optimizer = Registry<Optimizer>::create(GetParam());
  const auto reference = Registry<Optimizer>::create(GetParam());
  optimizer->start(problem.groups());
  reference->start(whole.groups());
  problem.step(*optimizer, 0);
  whole.step(*reference, 0);
  const at::Tensor before = problem.weights[0].clone();
  std::map<std::string, at::Tensor> state;
  for (const auto& [name, tensor] : optimizer->state()) state[name] = tensor.clone();
  problem.step(*optimizer, 1, {"matrix"});
  whole.step(*reference, 1);
  EXPECT_TRUE(problem.weights[0].equal(before));
  for (const auto& [name, tensor] : optimizer->state())
    if (name.ends_with(".matrix")) EXPECT_TRUE(tensor.equal(state[name])) << name;
  EXPECT_TRUE(problem.weights[1].equal(whole.weights[1]));
  EXPECT_TRUE(problem.weights[2].equal(whole.weights[2]));
}

TEST_P(EveryOptimizerHere, DecaysByTheRateOfTheStepOnlyWhatDecays) {
  Problem with, without;
  for (auto& [problem, decay] : {std::pair{&with, 0.5}, std::pair{&without, 0.0}}) {
    const auto optimizer = Registry<Optimizer>::create(GetParam());
    optimizer->start(problem->groups());
    for (at::Tensor& gradient : problem->gradients) gradient.fill_(0.25);
    optimizer->step(Rates{.lr = 0.1, .weight_decay = decay});
  }
  const bool decays = Registry<Optimizer>::create(GetParam())->weight_decay() > 0;
  EXPECT_EQ(with.weights[0].equal(without.weights[0]), !decays);
  EXPECT_TRUE(with.weights[2].equal(without.weights[2]));
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryOptimizerHere,
                         testing::ValuesIn(Registry<Optimizer>::names()));

void expect_rates(const std::string& name, const Course& course) {
  const std::vector<double> rates = golden(name)["rates"];
  for (int64_t step = 0; step < course.steps; ++step)
    EXPECT_NEAR(course.at(step).lr, rates.at(static_cast<size_t>(step)), tolerance::kRounding64)
        << name << " at " << step;
}

TEST(Trajectory, SchedulesArePyTorchsAndTimms) {
  expect_rates(
      "warm_cosine",
      {.lr = 1, .warmup = 0.1, .schedule = make<Schedule>("cosine", "end: 0.1"), .steps = 60});
  expect_rates("timm_cosine",
               {.lr = 1, .schedule = make<Schedule>("cosine", "end: 0.1"), .steps = 60});
  expect_rates("step", {.lr = 1,
                        .schedule = make<Schedule>("step", "milestones: [0.5, 0.75], gamma: 0.2"),
                        .steps = 60});
  expect_rates("constant", {.lr = 1, .schedule = make<Schedule>("constant", ""), .steps = 60});
}

}  // namespace
}  // namespace espalier::optim

#include <gtest/gtest.h>

#include "pretext_support.h"
#include "support/error_of.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

// Trains `task` on samples of two kinds, dark and bright noise; gives the mean loss of the first
// and of the last steps.
std::pair<double, double> first_and_last_loss(Task& task, model::Backbone& backbone) {
  task.weights_drawn(backbone);
  std::vector<torch::Tensor> parameters = backbone.parameters();
  for (const auto& item : task.named_parameters())
    if (item.value().requires_grad()) parameters.push_back(item.value());
  torch::optim::Adam optimizer(parameters, torch::optim::AdamOptions(0.01));
  constexpr int64_t kSteps = 40, kMean = 5;
  double first = 0, last = 0;
  for (int64_t step = 0; step < kSteps; ++step) {
    LaneInput input = make_input(task, 8);
    input.step.number = step;
    input.step.total = kSteps;
    const torch::Tensor kind = torch::arange(8).remainder(2).to(torch::kDouble).view({8, 1, 1, 1});
    for (torch::Tensor& view : input.views) view = view / 4 + 2 * kind;
    optimizer.zero_grad();
    const LaneOutput output = task.run(backbone, input);
    torch::Tensor loss = output.losses.defined() ? output.losses.mean() : torch::zeros({});
    if (task.compares()) {
      const Compared compared = task.compare(gathered(output, input), {});
      loss = loss + compared.sum / compared.weight;
    }
    loss.backward();
    optimizer.step();
    const torch::NoGradGuard no_grad;
    task.after_step(backbone, input.step, gathered(output, input));
    (step < kMean ? first : last) +=
        step < kMean || step >= kSteps - kMean ? loss.item<double>() / kMean : 0;
  }
  return {first, last};
}

// What the student says of its samples.
const torch::Tensor& own(const LaneOutput& output) {
  return output.losses.defined() ? output.losses : output.embeddings;
}

class SelfDistilled : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Tasks, SelfDistilled,
                         testing::Values("dino", "ibot", "dinov2", "simdino"));

TEST_P(SelfDistilled, LossFalls) {
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kNone);
  const auto task = make_task(GetParam(), *backbone, "local_crops: 2, momentum: 0.9");
  const auto [first, last] = first_and_last_loss(*task, *backbone);
  EXPECT_LT(last, first - 0.1);
}

TEST_P(SelfDistilled, TeacherBeginsAsTheStudentAndFollowsIt) {
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kNone);
  const auto task = make_task(GetParam(), *backbone, "momentum: 0.75");
  task->weights_drawn(*backbone);
  const torch::NoGradGuard no_grad;
  const auto teacher = task->named_children()["teacher"]->named_parameters();
  for (auto& item : backbone->named_parameters()) {
    EXPECT_TRUE(teacher[item.key()].equal(item.value())) << item.key();
    item.value().add_(1);
  }
  const LaneInput input = make_input(*task, 4);
  task->after_step(*backbone, {.number = 0, .total = 10, .seed = 9},
                   gathered(task->run(*backbone, input), input));
  for (const auto& item : backbone->named_parameters())
    EXPECT_LT(largest_difference(teacher[item.key()], item.value() - 0.75), tolerance::kRounding64);
}

TEST_P(SelfDistilled, TeacherSeesTheGlobalCropsAlone) {
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kNone);
  const auto task = make_task(GetParam(), *backbone, "local_crops: 2");
  const LaneInput input = make_input(*task, 4);
  LaneInput other = input;
  other.views[3] = other.views[3] + 1;
  const LaneOutput before = task->run(*backbone, input), after = task->run(*backbone, other);
  for (const auto& [a, b] : {std::pair{before.sums, after.sums}, {before.detached, after.detached}})
    if (a.defined()) EXPECT_TRUE(a.equal(b));
  EXPECT_FALSE(own(before).equal(own(after)));
}

TEST_P(SelfDistilled, TakesLocalCropsOfAnotherSize) {
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kNone);
  const auto task = make_task(GetParam(), *backbone, "local_crops: 1");
  LaneInput input = make_input(*task, 4);
  input.views[2] = input.views[2].slice(2, 0, 6).slice(3, 0, 7);
  EXPECT_TRUE(own(task->run(*backbone, input)).isfinite().all().item<bool>());
}

TEST(SelfDistillation, RefusesLocalCropsThatTheBackboneDoesNotTake) {
  auto cnn = Registry<model::Backbone>::create("cnn");
  cnn->build({3, 32, 32}, model::Norm::kNone);
  cnn->to(torch::kDouble);
  auto task = Registry<Task>::create("dino");
  shrink(task->fields());
  std::vector<image::ViewShape> views(10, {3, 32, 32});
  views[9] = {3, 24, 24};
  const auto another = [] { return tiny_backbone(model::Norm::kNone); };
  EXPECT_NE(error_of(Kind::kUsage,
                     [&] {
                       task->build({*cnn, another, views});
                     })
                .find("24 x 24"),
            std::string::npos);
}

TEST(Dino, LossOfAFreshNetworkIsAboutTheLogarithmOfItsPrototypes) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("dino", *backbone, "hidden: 64, bottleneck: 256, prototypes: 1000");
  const double loss = task->run(*backbone, make_input(*task, 8)).losses.mean().item<double>();
  EXPECT_NEAR(loss, std::log(1000), 0.3);  // of scores with a deviation of 1/16
}

TEST(Dino, PrototypesRestAtFirst) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("dino", *backbone, "prototypes_rest: 0.1");
  for (const int64_t step : {0, 9}) EXPECT_FALSE(task->trains("head.prototypes", {step, 100, 0}));
  EXPECT_TRUE(task->trains("head.prototypes", {10, 100, 0}));
  EXPECT_TRUE(task->trains("head.mlp.0.weight", {0, 100, 0}));
}

}  // namespace
}  // namespace espalier::pretext

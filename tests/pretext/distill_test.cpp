// A frozen teacher: whose features, seen how, and that nothing changes it.
#include <gtest/gtest.h>

#include "pretext_support.h"
#include "support/error_of.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

// A distill task whose teacher is another backbone than the student, and wider.
struct Lesson {
  explicit Lesson(const std::string& options = "", std::vector<double> mean = {},
                  std::vector<double> std = {}) {
    const auto open = [&](const std::string& source, const std::string& model) {
      EXPECT_EQ(source, "there");
      EXPECT_EQ(model, "wide");
      return Trained{teacher, [this] { ++loads; }, mean, std};
    };
    shrink(task->fields());
    config::Document::parse("task: {teacher: there, teacher_model: wide, " + options + "}", "test")
        .bind("task", task->fields());
    Site site{*student, {}, {kInput}};
    site.open_backbone = open;
    site.mean = {0.4, 0.5, 0.6};
    site.std = {0.2, 0.25, 0.3};
    task->build(site);
    task->to(torch::kDouble);
    tensor::initialise(*task, "task.", tensor::InitScheme::kHeNormal, 3);
    const torch::NoGradGuard no_grad;
    task->weights_drawn(*student);
  }

  std::shared_ptr<model::Backbone> student = tiny_backbone(model::Norm::kBatch);
  std::shared_ptr<model::Backbone> teacher = tiny_vit();
  std::shared_ptr<Task> task = Registry<Task>::create("distill");
  int loads = 0;
};

TEST(Distill, TheTeacherIsLoadedOnceWeightsAreDrawn) { EXPECT_EQ(Lesson().loads, 1); }

TEST(Distill, TheTeacherSeesImagesNormalisedAsItWasTrained) {
  const std::vector<double> mean = {0.1, 0.2, 0.3}, std = {0.5, 0.4, 0.3};
  Lesson own("", {0.4, 0.5, 0.6}, {0.2, 0.25, 0.3}), other("", mean, std);
  const LaneInput views = make_input(*own.task, 3);
  LaneInput pixels = views;  // that give the teacher of `other` what that of `own` sees of `views`
  const auto channels = [](std::vector<double> values) {
    return torch::tensor(values, torch::kDouble).view({1, 3, 1, 1});
  };
  pixels.views[0] = (views.views[0] * channels(std) + channels(mean) - channels({0.4, 0.5, 0.6})) /
                    channels({0.2, 0.25, 0.3});
  // A student that sees nothing leaves the teacher's features alone in the loss.
  for (Lesson* lesson : {&own, &other}) {
    const torch::NoGradGuard no_grad;
    for (auto& item : lesson->task->named_parameters())
      if (item.key() == "projector.3.bias")
        item.value().copy_(torch::arange(item.value().size(0)));
      else if (item.key().starts_with("projector."))
        item.value().zero_();
  }
  const torch::Tensor expected = own.task->run(*own.student, views).losses;
  EXPECT_LT(largest_difference(other.task->run(*other.student, pixels).losses, expected),
            tolerance::kDeep64);
  EXPECT_GT(largest_difference(other.task->run(*other.student, views).losses, expected), 1e-6);
}

TEST(Distill, TrainingLeavesTheTeacherAsItIs) {
  const auto student = tiny_backbone(model::Norm::kBatch);
  const auto teacher = tiny_backbone(model::Norm::kBatch);  // with running statistics
  const auto task = make_task("distill", *student, "loss: mse", kInput, [&] { return teacher; });
  task->train();
  const auto state = [&] {
    std::map<std::string, torch::Tensor> all;
    for (const auto& item : teacher->named_parameters()) all[item.key()] = item.value().detach();
    for (const auto& item : teacher->named_buffers()) all[item.key()] = item.value();
    return all;
  };
  std::map<std::string, torch::Tensor> before = state();
  for (auto& [name, tensor] : before) tensor = tensor.clone();
  std::vector<double> losses;
  for (int step = 0; step < 40; ++step)
    losses.push_back(train_step(*task, *student, make_input(*task, 6), /*lr=*/0.02));
  EXPECT_LT(losses.back(), 0.5 * losses.front());
  for (const auto& [name, tensor] : state()) EXPECT_TRUE(tensor.equal(before[name])) << name;
  for (const torch::Tensor& parameter : teacher->parameters())
    EXPECT_FALSE(parameter.requires_grad());
}

// Given weights of a backbone come with running statistics, by which a frozen teacher computes.
TEST(Distill, WithoutATeacherItIsTheBackboneAsTheRunBegins) {
  const auto backbone = tiny_backbone(model::Norm::kBatch);
  const auto teacher = tiny_backbone(model::Norm::kBatch);
  for (torch::Tensor& buffer : backbone->buffers()) buffer.add_(2);
  const auto task = make_task("distill", *backbone, "", kInput, [&] { return teacher; });
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : backbone->parameters()) parameter.add_(0.1);
  task->weights_drawn(*backbone);
  backbone->eval();
  const torch::Tensor x = make_input(*task, 2).views[0];
  EXPECT_TRUE(teacher->represent({x}).equal(backbone->represent({x})));
}

}  // namespace
}  // namespace espalier::pretext

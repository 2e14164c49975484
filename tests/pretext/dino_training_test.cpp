// Ten steps of SGD on DINO beside those of PyTorch (tests/golden/make_dino.py).
#include <gtest/gtest.h>

#include "dino_golden.h"
#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

constexpr int64_t kSteps = 10, kSamples = 4;
constexpr double kRate = 0.5;

torch::Tensor pattern(torch::IntArrayRef shape, int64_t start) {
  const int64_t count = c10::multiply_integers(shape);
  const torch::Tensor i = torch::arange(start, start + count, torch::kLong);
  return (i * i * 40503).remainder(65521).to(torch::kDouble).view(shape) / 65521 - 0.5;
}

// A convolution whose rectified map is averaged over space.
class TinyBackbone : public model::Backbone {
 public:
  void build(const image::ViewShape&, model::Norm) override {
    const auto options = torch::nn::Conv2dOptions(3, 5, 3).padding(1);
    conv_ = register_module("conv", torch::nn::Conv2d(options));
  }
  std::vector<std::string> stages() const override { return {"conv"}; }
  std::vector<std::string> stage_modules(int64_t) const override { return {"conv"}; }

 protected:
  torch::Tensor forward_stage(int64_t, const model::Features& x) override {
    return torch::relu(conv_->forward(x.values));
  }

 private:
  torch::nn::Conv2d conv_{nullptr};
};

std::shared_ptr<model::Backbone> tiny() {
  auto backbone = std::make_shared<TinyBackbone>();
  backbone->build({3, 8, 8}, model::Norm::kNone);
  backbone->to(torch::kDouble);
  return backbone;
}

// In the order of the script, which has a magnitude that does not train after the MLP.
std::vector<torch::Tensor> weights(const model::Backbone& backbone, const torch::nn::Module& task,
                                   const std::string& prefix) {
  std::vector<torch::Tensor> all = backbone.parameters();
  const auto named = task.named_parameters();
  for (const char* layer : {"0", "2", "4"})
    for (const char* kind : {".weight", ".bias"})
      all.push_back(named[prefix + "head.mlp." + layer + kind]);
  all.emplace_back();
  all.push_back(named[prefix + "head.prototypes"]);
  return all;
}

LaneInput views_of(int64_t step) {
  LaneInput input;
  input.step = {.number = step, .total = kSteps, .seed = 0};
  int64_t view = 0;
  for (const int64_t side : {8, 8, 5, 5})
    input.views.push_back(4 *
                          pattern({kSamples, 3, side, side}, 100000 * (step + 1) + 10000 * view++));
  return input;
}

void expect_weights(const std::vector<torch::Tensor>& weights, const nlohmann::json& expected) {
  for (size_t i = 0; i < weights.size(); ++i)
    if (weights[i].defined())
      EXPECT_LT(largest_difference(weights[i].flatten(), tensor_of(expected[i])),
                tolerance::kDeep64)
          << i;
}

TEST(Dino, TenStepsEqualPyTorchs) {
  const auto expected = dino_golden("training").at(0);
  const auto backbone = tiny();
  const auto task = make_task("dino", *backbone,
                              "local_crops: 2, hidden: 7, bottleneck: 4, prototypes: 6, momentum: "
                              "0.9, teacher_warmup: 0.5, prototypes_rest: 0.2",
                              {3, 8, 8}, tiny);
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> student = weights(*backbone, *task, "");
  for (size_t i = 0; i < student.size(); ++i)
    if (student[i].defined())
      student[i].copy_(pattern(student[i].sizes(), 1000 * (static_cast<int64_t>(i) + 1)));
  task->weights_drawn(*backbone);
  for (int64_t step = 0; step < kSteps; ++step) {
    const LaneInput input = views_of(step);
    LaneOutput output;
    {
      const torch::AutoGradMode graph(true);
      output = task->run(*backbone, input);
      output.losses.mean().backward();
    }
    const double loss = expected["losses"][static_cast<size_t>(step)].get<double>();
    EXPECT_NEAR(output.losses.mean().item<double>(), loss, tolerance::kDeep64) << step;
    for (size_t i = 0; i < student.size(); ++i) {
      if (!student[i].defined()) continue;
      const bool moves = i + 1 < student.size() || task->trains("head.prototypes", input.step);
      if (moves) student[i].sub_(student[i].grad(), kRate);
      student[i].mutable_grad() = torch::Tensor();
    }
    task->after_step(*backbone, input.step, {.sums = output.sums});
  }
  expect_weights(student, expected["student"]);
  const auto& teacher = dynamic_cast<model::Backbone&>(*task->named_children()["teacher"]);
  expect_weights(weights(teacher, *task, "teacher_"), expected["teacher"]);
  EXPECT_LT(
      largest_difference(task->named_buffers()["centre.value"], tensor_of(expected["centre"])),
      tolerance::kDeep64);
}

}  // namespace
}  // namespace espalier::pretext

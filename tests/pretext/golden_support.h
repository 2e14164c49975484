// What the scripts of tests/golden wrote, and the weights that they took.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pretext_support.h"
#include "support/golden.h"
#include "support/tolerance.h"

namespace espalier::pretext {

using nlohmann::json;

// Lines of tests/golden/`file` whose case is `name`.
inline std::vector<json> golden_cases(const std::string& file, const std::string& name) {
  std::ifstream lines(ESPALIER_TEST_DATA "/golden/" + file);
  std::vector<json> cases;
  for (std::string line; std::getline(lines, line);)
    if (json parsed = json::parse(line); parsed["case"] == name) cases.push_back(std::move(parsed));
  return cases;
}

// Values in [-1/2, 1/2) that depend on the name: `pattern` of networks.py.
inline torch::Tensor pattern(const std::string& name, at::IntArrayRef shape) {
  int64_t sum = 0;
  for (const char letter : name) sum += static_cast<unsigned char>(letter);
  const int64_t count = c10::multiply_integers(shape);
  const torch::Tensor i = torch::arange(count, torch::kLong) + 7919 * sum;
  return (i * 40503).remainder(65536).to(torch::kDouble).view(shape) / 65536 - 0.5;
}

// All parameters of `module`: matrices a pattern, scales 1 and biases 0 with a quarter of one.
inline void set_to_patterns(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    torch::Tensor values = pattern(item.key(), item.value().sizes());
    if (item.value().dim() == 1) values = values / 4 + (item.key().ends_with("weight") ? 1 : 0);
    item.value().copy_(values);
  }
}

// Ten steps of SGD with `task` on a small conv_bn beside PyTorch's: `trajectory` of networks.py.
inline void expect_trajectory(const json& expected, const std::string& name,
                              const std::string& options) {
  const image::ViewShape shape{3, 8, 8};
  const auto backbone = tiny_backbone(model::Norm::kBatch, shape);
  const auto task = make_task(name, *backbone, options, shape,
                              [&] { return tiny_backbone(model::Norm::kBatch, shape); });
  set_to_patterns(*backbone);
  set_to_patterns(*task);
  {
    const torch::NoGradGuard no_grad;
    task->weights_drawn(*backbone);
  }
  LaneInput input = make_input(*task, 6, shape);
  input.step.total = 10;
  std::vector<double> losses;
  for (input.step.number = 0; input.step.number < input.step.total; ++input.step.number) {
    for (size_t view = 0; view < input.views.size(); ++view)
      input.views[view] =
          4 * pattern(fmt::format("view{}.step{}", view, input.step.number), {6, 3, 8, 8});
    losses.push_back(train_step(*task, *backbone, input, /*lr=*/0.1));
  }
  EXPECT_LT(
      largest_difference(torch::tensor(losses, torch::kDouble), tensor_of(expected["losses"])),
      tolerance::kDeep64);
  size_t compared = 0;
  for (const torch::nn::Module* module : {static_cast<torch::nn::Module*>(backbone.get()),
                                          static_cast<torch::nn::Module*>(task.get())})
    for (const auto& item : module->named_parameters())
      if (const auto found = expected["weights"].find(item.key());
          found != expected["weights"].end()) {
        EXPECT_LT(largest_difference(item.value().flatten(), tensor_of(*found)), tolerance::kDeep64)
            << item.key();
        ++compared;
      }
  EXPECT_EQ(compared, expected["weights"].size());
}

// Plain descent beside that of a script: losses of the samples in every step, and at the end the
// first values of every parameter, "backbone.norm.bias" and "task.predictor.norm.bias".
inline void expect_descent(const json& expected, Task& task, model::Backbone& backbone,
                           const std::function<LaneInput(int64_t)>& input_of) {
  for (int64_t step = 0; step < static_cast<int64_t>(expected["losses"].size()); ++step) {
    const LaneInput input = input_of(step);
    const torch::Tensor losses = task.run(backbone, input).losses;
    EXPECT_LT(largest_difference(losses, tensor_of(expected["losses"][static_cast<size_t>(step)])),
              tolerance::kDeep64)
        << step;
    train_step(task, backbone, input, expected["rate"].get<double>());
  }
  size_t compared = 0;
  for (const auto& [prefix, module] :
       {std::pair<std::string, torch::nn::Module*>{"backbone.", &backbone}, {"task.", &task}})
    for (const auto& item : module->named_parameters()) {
      const std::string name = prefix + item.key();
      ASSERT_TRUE(expected["weights"].contains(name)) << name;
      EXPECT_LT(largest_difference(item.value().flatten().slice(0, 0, 3),
                                   tensor_of(expected["weights"][name])),
                tolerance::kDeep64)
          << name;
      ++compared;
    }
  EXPECT_EQ(compared, expected["weights"].size());
}

}  // namespace espalier::pretext

// What tests of tasks that predict transformations share.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>

#include "pretext_support.h"

namespace espalier::pretext {

// The line of tests/golden/classic.jsonl, which make_classic.py wrote.
inline nlohmann::json classic_golden(const std::string& name) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/classic.jsonl");
  for (std::string line; std::getline(file, line);)
    if (auto golden = nlohmann::json::parse(line); golden["case"] == name) return golden;
  throw std::runtime_error("no golden " + name);
}

// Makes the last layer answer k with a score of k whatever it sees, so that losses tell the answer.
// `bias` is that layer's.
inline void score_by_number(Task& task, const std::string& bias) {
  for (torch::Tensor& weight : task.parameters()) weight.detach().zero_();
  torch::Tensor scores = task.named_parameters()[bias].detach();
  scores.copy_(torch::arange(scores.numel()));
}

// The right answers of `count` classes, from the losses of a task that scores by number.
inline std::vector<int64_t> answers(const torch::Tensor& losses, int64_t count) {
  const torch::Tensor sum = torch::arange(count, torch::kDouble).logsumexp(0);
  const torch::Tensor found = (sum - losses.detach()).round().to(torch::kLong).contiguous();
  return {found.data_ptr<int64_t>(), found.data_ptr<int64_t>() + found.numel()};
}

// A backbone whose features are the pixels.
class FlatBackbone : public model::Backbone {
 public:
  void build(const image::ViewShape&, model::Norm) override {}
  std::vector<std::string> stages() const override { return {"flat"}; }
  std::vector<std::string> stage_modules(int64_t) const override { return {}; }

 protected:
  torch::Tensor forward_stage(int64_t, const model::Features& x) override {
    return x.values.flatten(1);
  }
};

}  // namespace espalier::pretext

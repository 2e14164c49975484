// What the scripts of tests/golden wrote, and the weights that they took.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pretext_support.h"

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

// Nested lists as f64.
inline torch::Tensor tensor_of(const json& values) {
  std::vector<int64_t> shape;
  for (const json* level = &values; level->is_array(); level = &level->front())
    shape.push_back(static_cast<int64_t>(level->size()));
  std::vector<double> flat;
  const std::function<void(const json&)> read = [&](const json& value) {
    if (!value.is_array()) return flat.push_back(value.get<double>());
    for (const json& part : value) read(part);
  };
  read(values);
  return torch::tensor(flat, torch::kDouble).view(shape);
}

// Values in [-1/2, 1/2) that depend on the name: `pattern` of make_instance.py.
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

}  // namespace espalier::pretext

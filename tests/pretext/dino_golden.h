// What tests/golden/make_dino.py wrote.
#pragma once

#include <torch/torch.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace espalier::pretext {

// Lines of tests/golden/dino.jsonl whose case begins with `prefix`.
inline std::vector<nlohmann::json> dino_golden(const std::string& prefix) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/dino.jsonl");
  std::vector<nlohmann::json> cases;
  for (std::string line; std::getline(file, line);) {
    auto parsed = nlohmann::json::parse(line);
    if (parsed["case"].get<std::string>().starts_with(prefix)) cases.push_back(std::move(parsed));
  }
  return cases;
}

// f64, of the shape that lists of lists have.
inline torch::Tensor tensor_of(const nlohmann::json& value) {
  if (!value.is_array()) return torch::tensor(value.get<double>(), torch::kDouble);
  std::vector<torch::Tensor> rows;
  for (const nlohmann::json& row : value) rows.push_back(tensor_of(row));
  return torch::stack(rows);
}

}  // namespace espalier::pretext

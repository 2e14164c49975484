// Lines of files in tests/golden, and the features that make_health.py made them of.
#pragma once

#include <torch/torch.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace espalier::tensor {

inline std::vector<nlohmann::json> golden_cases(const std::string& file_name,
                                                const std::string& name) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/" + file_name);
  std::vector<nlohmann::json> cases;
  for (std::string line; std::getline(file, line);)
    if (nlohmann::json::parse(line)["case"] == name) cases.push_back(nlohmann::json::parse(line));
  return cases;
}

inline std::vector<nlohmann::json> health_cases(const std::string& name) {
  return golden_cases("health.jsonl", name);
}

inline torch::Tensor pattern(std::vector<int64_t> shape, int64_t salt) {
  int64_t count = 1;
  for (const int64_t length : shape) count *= length;
  const torch::Tensor i = torch::arange(count, torch::kLong) + salt * 1000;
  const torch::Tensor values = (i * i * 40503 + i * 7919).remainder(65521);
  return (values.to(torch::kDouble) / 65536 - 0.5).view(shape);
}

inline torch::Tensor features_of_kind(const std::string& kind, int64_t n, int64_t d) {
  if (kind == "full") return pattern({n, d}, 1);
  if (kind == "low_rank") return torch::mm(pattern({n, 3}, 2), pattern({3, d}, 3));
  return pattern({1, d}, 4) + pattern({n, d}, 5) / 1024;  // nearly_collapsed
}

inline torch::Tensor views_of_kind(const std::string& kind, int64_t q, int64_t n, int64_t d) {
  return features_of_kind(kind, n, d) + pattern({q, n, d}, 6) / 8;
}

}  // namespace espalier::tensor

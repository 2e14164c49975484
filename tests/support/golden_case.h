// Known answers from tests/golden.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace espalier {

// The line of tests/golden/<file> whose "case" is `name`.
inline nlohmann::json golden(const std::string& file, const std::string& name) {
  std::ifstream lines(std::string(ESPALIER_TEST_DATA "/golden/") + file);
  nlohmann::json found;
  for (std::string line; found["case"] != name && std::getline(lines, line);)
    found = nlohmann::json::parse(line);
  return found;
}

}  // namespace espalier

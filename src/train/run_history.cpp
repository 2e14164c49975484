#include "train/run_history.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/jsonl.h"
#include "core/log.h"

namespace espalier::train {
namespace {

constexpr const char* kPrefix = "warning_";

}  // namespace

void RunHistory::recall(const std::filesystem::path& metrics) {
  for (const Json& row : read_jsonl(metrics)) {
    if (!row.is_object()) continue;
    const bool first = row.contains("step") && row["step"] == 0;
    for (const auto& [name, value] : row.items()) {
      if (name.starts_with(kPrefix)) said_.insert(name);
      if (first && value.is_number()) start_.emplace_back(name, value.get<double>());
    }
  }
}

std::optional<double> RunHistory::at_start(const std::string& scalar) const {
  for (const auto& [name, value] : start_)
    if (name == scalar && std::isfinite(value)) return value;
  return std::nullopt;
}

void RunHistory::warn(const std::string& name, const std::string& text) {
  if (!leader_ || !said_.insert(kPrefix + name).second) return;
  log::warning("health", "{}: {}", name, text);
  fresh_.emplace_back(kPrefix + name, 1);
}

Scalars RunHistory::take_warnings() { return std::exchange(fresh_, {}); }

}  // namespace espalier::train

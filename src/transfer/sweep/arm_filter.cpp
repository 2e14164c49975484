#include "transfer/sweep/arm_filter.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace espalier::transfer {
namespace {

// By key, as a person writes them.
std::map<std::string, std::string> values_of(const Arm& arm) {
  return {{"source", arm.source},
          {"mode", arm.mode},
          {"kept_lr_factor", fmt::format("{}", arm.kept_lr_factor)},
          {"head", arm.head},
          {"cut", std::to_string(arm.cut)},
          {"labels_per_class", std::to_string(arm.labels_per_class)}};
}

std::vector<std::string> keys() {
  std::vector<std::string> keys = {"seed"};
  for (const auto& [key, value] : values_of({})) keys.push_back(key);
  return keys;
}

}  // namespace

ArmFilter::ArmFilter(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    std::istringstream parts(text);
    std::string part, key;
    while (std::getline(parts, part, ',')) {
      const size_t at = part.find('=');
      if (at != std::string::npos) key = part.substr(0, at);
      const auto known = keys();
      check(std::ranges::count(known, key) > 0, Kind::kUsage,
            "--only has the key '{}', there are: {} (try: --only mode=frozen,cut=2)", key,
            fmt::join(known, ", "));
      wanted_[key].push_back(at == std::string::npos ? part : part.substr(at + 1));
    }
  }
}

bool ArmFilter::has(const std::string& key, const std::string& value) const {
  const auto found = wanted_.find(key);
  return found == wanted_.end() || std::ranges::count(found->second, value) > 0;
}

bool ArmFilter::takes(const Arm& arm) const {
  return std::ranges::all_of(values_of(arm),
                             [&](const auto& item) { return has(item.first, item.second); });
}

bool ArmFilter::takes_seed(int64_t seed) const { return has("seed", std::to_string(seed)); }

void ArmFilter::require_values(const std::vector<Arm>& arms, int64_t seeds) const {
  for (const auto& [key, values] : wanted_) {
    std::vector<std::string> there;
    for (int64_t seed = 0; seed < seeds && key == "seed"; ++seed)
      there.push_back(std::to_string(seed));
    for (const Arm& arm : arms)
      if (const auto own = values_of(arm);
          own.contains(key) && !std::ranges::count(there, own.at(key)))
        there.push_back(own.at(key));
    for (const std::string& value : values)
      check(std::ranges::count(there, value) > 0, Kind::kUsage,
            "--only {}={} takes no cell of this sweep; there are: {}", key, value,
            fmt::join(there, ", "));
  }
}

}  // namespace espalier::transfer

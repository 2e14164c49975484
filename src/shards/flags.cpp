#include "shards/flags.h"

#include <algorithm>

namespace espalier::shards {

std::vector<std::pair<std::string, int64_t>> flag_counts(std::span<const uint32_t> flags) {
  std::vector<std::pair<std::string, int64_t>> counts;
  for (const FlagName& flag : kFlagNames) {
    const auto samples =
        std::ranges::count_if(flags, [&](uint32_t bits) { return (bits & flag.bit) != 0; });
    if (samples > 0) counts.emplace_back(flag.name, samples);
  }
  return counts;
}

}  // namespace espalier::shards

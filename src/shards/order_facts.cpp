#include "shards/order_facts.h"

#include <algorithm>

#include "core/error.h"

namespace espalier::shards {
namespace {

constexpr int64_t kBlockBytes = 4 << 20, kShuffledWhole = 1 << 30;

}  // namespace

void OrderFacts::require_sound(const std::string& name_for_errors) const {
  constexpr int64_t kMost = 1 << 20;
  const auto sound = [](int64_t value, int64_t most) { return value >= 1 && value <= most; };
  check(sound(block, int64_t{1} << 40) && sound(streams, kMost) && sound(run, kMost) &&
            sound(window, kMost),
        Kind::kData,
        "{}: the order is damaged: blocks of {}, {} streams, runs of {}, windows of {}",
        name_for_errors, block, streams, run, window);
}

OrderFacts choose_order_facts(int64_t samples, int64_t payload_bytes) {
  if (payload_bytes < kShuffledWhole) return {};
  return {.block = std::max<int64_t>(1, kBlockBytes / (payload_bytes / samples))};
}

}  // namespace espalier::shards

// The order in which a packed set is read: facts that its index holds, for data/epoch_order.h.
#pragma once

#include <cstdint>
#include <string>

namespace espalier::shards {

// Facts of the set, fixed by pack, so that no run can change its order.
struct OrderFacts {
  int64_t block = 1;  // samples
  int64_t streams = 64;
  int64_t run = 8;     // samples that a stream gives in turn
  int64_t window = 4;  // blocks that are permuted together

  bool operator==(const OrderFacts&) const = default;
  // kData when the facts are impossible.
  void require_sound(const std::string& name_for_errors) const;
};

// What pack chooses: blocks of about 4 MiB; single samples for a set under 1 GiB, which memory
// holds anyway.
[[nodiscard]] OrderFacts choose_order_facts(int64_t samples, int64_t payload_bytes);

}  // namespace espalier::shards

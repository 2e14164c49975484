// How much memory reading and loading take on a rank: computed before the first step, printed, and
// kept.
#pragma once

#include <cstdint>
#include <string>

#include "data/dataset.h"
#include "data/loader.h"
#include "data/order.h"

namespace espalier::data {

struct MemoryBound {
  int64_t dataset = 0;  // index (once per node) and blocks
  int64_t order = 0;
  int64_t batches = 0;  // prefetched ones, and the one in use
  int64_t threads = 0;  // a sample and its image per thread, without the memory of the transform

  int64_t total() const { return dataset + order + batches + threads; }
  std::string text() const;  // "61 MB: data set 12, order 1, batches 40, threads 8"
};

MemoryBound memory_bound(const Dataset& dataset, const Order& order, const LoaderPlan& plan,
                         const LoaderOptions& options);

// kUsage, with the numbers, when the bound is above `most`; 0 = no limit. kIo when it is above
// `available`, the memory that the system has.
void require_memory(const MemoryBound& bound, int64_t most, int64_t available);

}  // namespace espalier::data

#include "engine/network.h"

#include <gtest/gtest.h>

#include "engine/engine_support.h"

namespace espalier::engine {
namespace {

// 257 is not a number of bf16.
TEST(Network, CountersStayWholeNumbersInAnyPrecision) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    Network network = Toy("delayed_local", "batch", "f32").network();
    network.to(type, c10::kCPU);
    int64_t counters = 0;
    for (const NamedTensor& statistic : network.running_statistics()) {
      const bool counts = statistic.name.ends_with("num_batches_tracked");
      counters += counts;
      EXPECT_EQ(statistic.tensor.scalar_type(), counts ? at::kLong : type) << statistic.name;
      EXPECT_EQ(is_averaged(statistic), !counts) << statistic.name;
    }
    EXPECT_GT(counters, 0);
    for (const NamedTensor& parameter : network.trained_parameters())
      EXPECT_EQ(parameter.tensor.scalar_type(), type) << parameter.name;
  }
}

}  // namespace
}  // namespace espalier::engine

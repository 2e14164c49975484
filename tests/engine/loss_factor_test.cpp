#include <gtest/gtest.h>

#include "engine/engine_support.h"

namespace espalier::engine {
namespace {

constexpr int64_t kBatch = 24;

class LossFactor : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Tasks, LossFactor, testing::ValuesIn(Registry<pretext::Task>::names()),
                         [](const auto& test) { return test.param; });

// In f64 nothing of a toy overflows or vanishes, and a power of two rounds nothing.
TEST_P(LossFactor, ThatIsAPowerOfTwoChangesNoBit) {
  const Toy toy(GetParam(), "batch", "f64");
  const StepResult plain = step_of(toy, kBatch, {.lanes = 4});
  for (const bool exact : {true, false}) {
    const StepResult scaled =
        step_of(toy, kBatch, {.lanes = 4, .ranks = 2, .loss_factor = 4096}, exact);
    const StepResult same = exact ? plain : step_of(toy, kBatch, {.lanes = 4, .ranks = 2}, false);
    EXPECT_TRUE(equal_bits(same.gradients, scaled.gradients)) << exact;
    EXPECT_TRUE(equal_bits(same.statistics, scaled.statistics)) << exact;
    EXPECT_EQ(same.sums.loss, scaled.sums.loss) << exact;
  }
}

at::Tensor flat(const tensor::TensorMap& gradients) {
  std::vector<at::Tensor> parts;
  for (const auto& [name, gradient] : gradients) parts.push_back(gradient.flatten());
  return torch::cat(parts).to(at::kDouble);
}

// fp16 has eleven bits: the direction stays, single values need not.
TEST_P(LossFactor, MakesTheGradientInFp16PointWhereThatInF32Does) {
  const StepResult full = step_of(Toy(GetParam(), "batch", "f32"), kBatch, {.lanes = 2});
  const StepResult half = step_of(Toy(GetParam(), "batch", "fp16"), kBatch,
                                  {.lanes = 2, .loss_factor = 1024.0 / kBatch});
  ASSERT_TRUE(half.sums.finite);
  const at::Tensor a = flat(full.gradients), b = flat(half.gradients);
  EXPECT_GT((a.dot(b) / (a.norm() * b.norm())).item<double>(), 0.98);
  EXPECT_NEAR((b.norm() / a.norm()).item<double>(), 1, 0.1);
}

}  // namespace
}  // namespace espalier::engine

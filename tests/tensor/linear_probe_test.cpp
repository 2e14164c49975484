#include "tensor/linear_probe.h"

#include <gtest/gtest.h>

#include "feature_cases.h"

namespace espalier::tensor {
namespace {

// Normal equations of condition 1e4, solved in two ways.
constexpr double kSolved64 = 1e-10;

torch::Tensor tensor_of(const nlohmann::json& rows) {
  std::vector<double> values;
  for (const auto& row : rows)
    for (const auto& value : row.is_array() ? row : nlohmann::json::array({row}))
      values.push_back(value.get<double>());
  return torch::tensor(values, torch::kDouble);
}

TEST(LinearProbe, IsTheRidgeThatNumPySolves) {
  const auto cases = health_cases("probe");
  ASSERT_EQ(cases.size(), 2U);
  for (const nlohmann::json& expected : cases) {
    const int64_t n = expected["images"], classes = expected["classes"];
    const LinearProbe probe =
        fit_probe(features_of_kind("full", n, expected["width"]),
                  torch::arange(n, torch::kLong).remainder(classes), classes, expected["decay"]);
    const torch::Tensor weight = tensor_of(expected["weight"]).view_as(probe.weight);
    EXPECT_LT((probe.weight - weight).abs().max().item<double>(), kSolved64);
    EXPECT_LT((probe.bias - tensor_of(expected["bias"])).abs().max().item<double>(), kSolved64);
  }
}

TEST(LinearProbe, TellsClassesApartWhateverTheScaleOfAFeature) {
  const torch::Tensor classes = torch::arange(60, torch::kLong).remainder(3);
  const torch::Tensor corner = torch::one_hot(classes, 3).to(torch::kDouble);
  torch::Tensor x = torch::cat({corner * 1e-6 + 5, pattern({60, 4}, 1) * 100}, 1);
  x = torch::cat({x, torch::full({60, 1}, 7.0, torch::kDouble)}, 1);  // says nothing
  const LinearProbe probe = fit_probe(x, classes, 3, 0.01);
  EXPECT_TRUE(probe.predict(x).equal(classes));
}

TEST(LinearProbe, ChoosesTheDecayOnTheRowsThatAreHeldOut) {
  const torch::Tensor classes = torch::arange(40, torch::kLong).remainder(2);
  const torch::Tensor held_out = torch::arange(40, torch::kLong).ge(30);
  const torch::Tensor signal = classes.to(torch::kDouble).unsqueeze(1) * 0.6;
  const torch::Tensor x = torch::cat({signal + pattern({40, 1}, 1), pattern({40, 60}, 2)}, 1);
  const double chosen = choose_decay(x, classes, 2, held_out);
  const auto right = [&](double decay) {
    const torch::Tensor kept = held_out.logical_not();
    const LinearProbe probe = fit_probe(x.index({kept}), classes.index({kept}), 2, decay);
    return probe.predict(x.index({held_out})).eq(classes.index({held_out})).sum().item<int64_t>();
  };
  for (const double decay : probe_decays()) {
    EXPECT_GE(right(chosen), right(decay)) << decay;
    if (decay > chosen) EXPECT_GT(right(chosen), right(decay)) << decay;
  }
}

}  // namespace
}  // namespace espalier::tensor

// Measures of a layer's features beside tests/golden/layers.jsonl (make_layers.py).
#include <gtest/gtest.h>

#include <cmath>

#include "feature_cases.h"
#include "tensor/feature_statistics.h"
#include "tensor/similarity.h"
#include "tensor/transferability.h"
#include "tensor/tsne.h"

namespace espalier::tensor {
namespace {

constexpr double kSpectrum64 = 1e-9;  // eigenvalues of another decomposition, and their logarithms
// The script stops its search for the maximum of the evidence at differences of 1e-13; the evidence
// is flat there.
constexpr double kMaximum = 1e-8;

struct Layer {
  explicit Layer(const nlohmann::json& line)
      : count(line["classes"]),
        classes(torch::tensor(line["class_of"].get<std::vector<int64_t>>())),
        features(features_of_kind("full", line["images"], line["width"]) +
                 0.4 * pattern({count, line["width"].get<int64_t>()}, 10).index({classes})) {}
  int64_t count;
  torch::Tensor classes, features;
};

std::vector<nlohmann::json> layer_cases(const std::string& name) {
  return golden_cases("layers.jsonl", name);
}

TEST(LayerMeasures, AreThoseOfNumPyAndSciPy) {
  const auto cases = layer_cases("layer");
  ASSERT_EQ(cases.size(), 3U);
  for (const nlohmann::json& expected : cases) {
    const Layer layer(expected);
    SCOPED_TRACE(expected["images"].dump() + " x " + expected["width"].dump());
    EXPECT_NEAR(log_me(layer.features, layer.classes, layer.count), expected["log_me"], kMaximum);
    EXPECT_NEAR(h_score(layer.features, layer.classes, layer.count), expected["h_score"],
                kSpectrum64);
    EXPECT_NEAR(alpha_req(layer.features), expected["alpha_req"], kSpectrum64);
  }
}

TEST(LayerMeasures, CkaIsThatOfGramMatrices) {
  const auto cases = layer_cases("cka");
  ASSERT_EQ(cases.size(), 3U);
  for (const nlohmann::json& expected : cases) {
    const torch::Tensor x = features_of_kind("full", expected["images"], expected["width"]);
    const torch::Tensor y = features_of_kind("low_rank", expected["images"], expected["other"]);
    EXPECT_NEAR(linear_cka(x, y), expected["value"], kSpectrum64);
    EXPECT_NEAR(linear_cka(y, x), expected["value"], kSpectrum64);
  }
}

TEST(LayerMeasures, ThePlaneOfTsneIsAsGoodAsThatOfScikitLearn) {
  const auto cases = layer_cases("tsne");
  ASSERT_EQ(cases.size(), 2U);
  for (const nlohmann::json& expected : cases) {
    const Layer layer(expected);
    const Plane plane = tsne(layer.features);
    const double divergence = expected["divergence"];
    // Which of its minima is found hangs on rounding: scikit-learn's own differ by 5 % with the seed.
    EXPECT_LT(plane.divergence, 1.1 * divergence);
    EXPECT_GT(plane.divergence, 0.85 * divergence);
    EXPECT_EQ(plane.points.sizes(), (std::vector<int64_t>{expected["images"], 2}));
  }
}

TEST(LayerMeasures, TsneKeepsGroupsTogether) {
  const torch::Tensor group = torch::arange(60).remainder(3);
  const torch::Tensor x = pattern({60, 8}, 1) + 4 * pattern({3, 8}, 2).index({group});
  const torch::Tensor points = tsne(x, 10).points;
  EXPECT_TRUE(tsne(x, 10).points.equal(points));
  const torch::Tensor distance = torch::cdist(points, points);
  distance.fill_diagonal_(1e9);
  const torch::Tensor nearest = distance.argmin(1);
  EXPECT_TRUE(group.index({nearest}).equal(group));
  EXPECT_EQ(tsne(torch::ones({5, 3})).points.size(0), 5);  // all alike
}

TEST(LayerMeasures, CkaIsOneForWhatIsTurnedScaledAndMoved) {
  const torch::Tensor x = pattern({30, 6}, 1);
  const torch::Tensor turn = std::get<0>(at::linalg_qr(pattern({6, 6}, 2)));
  EXPECT_NEAR(linear_cka(x, 3 * torch::mm(x, turn) + 5), 1, kSpectrum64);
  EXPECT_LT(linear_cka(x, x.square()), 0.9);
  EXPECT_TRUE(std::isnan(linear_cka(x, torch::ones({30, 2}))));
}

TEST(LayerMeasures, FollowClassesAndNothingElse) {
  const torch::Tensor classes = torch::arange(60).remainder(3);
  const torch::Tensor noise = pattern({60, 8}, 1);
  const torch::Tensor told =
      noise + torch::one_hot(classes, 3).to(torch::kDouble).matmul(2 * pattern({3, 8}, 2));
  EXPECT_GT(log_me(told, classes, 3), log_me(noise, classes, 3) + 0.1);
  EXPECT_GT(h_score(told, classes, 3), h_score(noise, classes, 3) + 0.5);
  EXPECT_LE(h_score(told, classes, 3), 2);
  // Features that are the classes, which leaves no noise.
  const torch::Tensor exact = torch::one_hot(classes, 3).to(torch::kDouble);
  EXPECT_NEAR(h_score(exact, classes, 3), 2, kSpectrum64);
  EXPECT_TRUE(std::isfinite(log_me(exact, classes, 3)));
}

TEST(LayerMeasures, OfWhatIsNotFiniteAreUnknown) {
  torch::Tensor x = pattern({10, 4}, 1).clone();
  x[3][2] = std::nan("");
  const torch::Tensor classes = torch::arange(10).remainder(2);
  for (const double value : {log_me(x, classes, 2), h_score(x, classes, 2), alpha_req(x),
                             linear_cka(x, x), alpha_req(torch::ones({10, 4}))})
    EXPECT_TRUE(std::isnan(value));
}

TEST(LayerMeasures, AlphaIsTheSlopeOfAPowerLaw) {
  // Columns of an orthogonal matrix that are centred, scaled to l_j = j^-2.
  const int64_t n = 16, d = 8;
  const torch::Tensor centred = pattern({n, d}, 3) - pattern({n, d}, 3).mean(0, true);
  const torch::Tensor q = std::get<0>(at::linalg_qr(centred));
  EXPECT_NEAR(alpha_req(q / torch::arange(1, d + 1, torch::kDouble)), 2, kSpectrum64);
}

}  // namespace
}  // namespace espalier::tensor

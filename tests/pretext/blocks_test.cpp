// What tasks are made of: projector, course, queue.
#include <gtest/gtest.h>

#include "model/batch_norm.h"
#include "pretext/blocks/course.h"
#include "pretext/blocks/feature_queue.h"
#include "pretext/blocks/projector.h"
#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

torch::nn::Sequential projector(const ProjectorShape& shape) {
  torch::nn::Sequential made = make_projector(3, shape);
  made->to(torch::kDouble);
  tensor::initialise(*made, "projector.", tensor::InitScheme::kGlorotUniform, 1);
  return made;
}

TEST(Projector, HasNoBiasInFrontOfANormalisation) {
  const auto names = [](const ProjectorShape& shape) {
    std::string all;
    for (const auto& item : make_projector(3, shape)->named_parameters()) all += item.key() + " ";
    return all;
  };
  EXPECT_EQ(names({.widths = {4, 2}}), "0.weight 1.weight 1.bias 3.weight 3.bias ");
  EXPECT_EQ(names({.widths = {4, 2}, .hidden_norm = false}), "0.weight 0.bias 2.weight 2.bias ");
  EXPECT_EQ(names({.widths = {4, 2}, .last_norm = LastNorm::kBatch}),
            "0.weight 1.weight 1.bias 3.weight 4.weight 4.bias ");
  EXPECT_EQ(names({.widths = {4, 2}, .last_norm = LastNorm::kBatchPlain}),
            "0.weight 1.weight 1.bias 3.weight ");
  EXPECT_EQ(names({.widths = {2}, .last_bias = false}), "0.weight ");
}

TEST(Projector, ComputesWhatItsWeightsSay) {
  torch::manual_seed(1);
  const torch::Tensor x = torch::randn({5, 3}, torch::kDouble);
  const ProjectorShape shape{.widths = {4, 2}, .last_norm = LastNorm::kBatchPlain};
  for (const Activation activation : {Activation::kRelu, Activation::kGelu}) {
    ProjectorShape chosen = shape;
    chosen.activation = activation;
    torch::nn::Sequential made = projector(chosen);
    const auto weights = made->named_parameters();
    const auto standard = [](const torch::Tensor& y) {
      return (y - y.mean(0)) / (y.var(0, /*unbiased=*/false) + 1e-5).sqrt();
    };
    torch::Tensor hidden = standard(x.mm(weights["0.weight"].t()));
    hidden = activation == Activation::kRelu
                 ? hidden.clamp_min(0)
                 : hidden * 0.5 * (1 + torch::erf(hidden / std::sqrt(2.0)));
    EXPECT_LT(largest_difference(made->forward(x), standard(hidden.mm(weights["3.weight"].t()))),
              tolerance::kRounding64);
  }
}

// One lane that meets nobody.
struct Alone : model::StatisticsSum {
  at::Tensor sum(const at::Tensor& values) override {
    ++calls;
    return values.clone();
  }
  int calls = 0;
};

TEST(Projector, NormalisesWithSharedStatistics) {
  for (const LastNorm last : {LastNorm::kBatch, LastNorm::kBatchPlain}) {
    torch::manual_seed(2);
    const torch::Tensor x = torch::randn({6, 3}, torch::kDouble),
                        direction = torch::randn({6, 2}, torch::kDouble);
    const auto run = [&](model::StatisticsSum* sum) {
      torch::nn::Sequential made = projector({.widths = {4, 2}, .last_norm = last});
      const model::SharedStatistics shared(sum);
      const torch::Tensor y = made->forward(x);
      (y * direction).sum().backward();
      std::vector<torch::Tensor> results = {y.detach()};
      for (const torch::Tensor& weight : made->parameters()) results.push_back(weight.grad());
      for (const torch::Tensor& buffer : made->buffers()) results.push_back(buffer);
      return results;
    };
    Alone alone;
    const std::vector<torch::Tensor> own = run(nullptr), shared = run(&alone);
    EXPECT_EQ(alone.calls, 2 * (2 + 1));
    ASSERT_EQ(own.size(), shared.size());
    for (size_t i = 0; i < own.size(); ++i)
      EXPECT_LT(largest_difference(shared[i], own[i]), tolerance::kDeep64);
  }
}

TEST(Course, GoesFromOneValueToTheOther) {
  const auto at = [](const Course& course, int64_t number) {
    return course.at({.number = number, .total = 100});
  };
  const Course cosine{.from = 0.99, .to = 1};
  EXPECT_DOUBLE_EQ(at(cosine, 0), 0.99);
  EXPECT_DOUBLE_EQ(at(cosine, 25), 1 - 0.01 * (std::cos(std::numbers::pi / 4) + 1) / 2);
  EXPECT_DOUBLE_EQ(at(cosine, 50), 0.995);
  EXPECT_DOUBLE_EQ(at(cosine, 100), 1);
  const Course linear{.from = 2, .to = 4, .curve = Curve::kLinear, .share = 0.5};
  EXPECT_DOUBLE_EQ(at(linear, 25), 3);
  EXPECT_DOUBLE_EQ(at(linear, 50), 4);
  EXPECT_DOUBLE_EQ(at(linear, 80), 4);
  EXPECT_DOUBLE_EQ(at({.from = 1, .to = 2, .share = 0}, 0), 2);
}

std::vector<double> sorted_values(const FeatureQueue& queue) {
  const torch::Tensor sorted = std::get<0>(queue->rows().flatten().sort());
  return {sorted.data_ptr<double>(), sorted.data_ptr<double>() + sorted.numel()};
}

TEST(FeatureQueue, KeepsTheLatestRows) {
  FeatureQueue queue(5, 1, "test");
  queue->to(torch::kDouble);
  double next = 2;
  const auto put = [&](int64_t count) {
    const torch::Tensor rows = torch::arange(count, torch::kDouble).view({-1, 1}) + next;
    next += static_cast<double>(count);
    return queue->put(rows);
  };
  EXPECT_EQ(put(2), (Scalars{{"queue_filled", 2}, {"queue_age", 1}}));
  EXPECT_EQ(put(2), (Scalars{{"queue_filled", 4}, {"queue_age", 2}}));
  EXPECT_FALSE(queue->full());
  EXPECT_EQ(put(2), (Scalars{{"queue_filled", 5}, {"queue_age", 3}}));
  EXPECT_TRUE(queue->full());
  EXPECT_EQ(sorted_values(queue), (std::vector<double>{3, 4, 5, 6, 7}));
  put(4);
  EXPECT_EQ(sorted_values(queue), (std::vector<double>{7, 8, 9, 10, 11}));
  EXPECT_EQ(put(7), (Scalars{{"queue_filled", 5}, {"queue_age", 1}}));
  EXPECT_EQ(sorted_values(queue), (std::vector<double>{14, 15, 16, 17, 18}));
}

TEST(FeatureQueue, BeginsWithDirectionsOfItsName) {
  const FeatureQueue one(50, 8, "one"), same(50, 8, "one"), other(50, 8, "other");
  EXPECT_TRUE(one->rows().equal(same->rows()));
  EXPECT_FALSE(one->rows().equal(other->rows()));
  EXPECT_LT(largest_difference(one->rows().norm(2, 1), torch::ones({50})), tolerance::kRounding32);
  EXPECT_LT(one->rows().mean().abs().item<double>(),
            tolerance::kDeviations / std::sqrt(50 * 8 * 8));
}

}  // namespace
}  // namespace espalier::pretext

// Conformance: what every registered task has to hold.
#include "pretext/task.h"

#include <gtest/gtest.h>

#include "pretext/classifier.h"
#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

class EveryTask : public testing::TestWithParam<std::string> {};

TEST_P(EveryTask, IsLocalOrGlobal) {
  const auto task = Registry<Task>::create(GetParam());
  const bool local = dynamic_cast<LocalTask*>(task.get()) != nullptr;
  const bool global = dynamic_cast<GlobalTask*>(task.get()) != nullptr;
  EXPECT_NE(local, global);
  EXPECT_GE(task->view_count(), 1);
}

TEST_P(EveryTask, BuildsByDefaultOnAnyBackboneWithAFiniteLoss) {
  const image::ViewShape input{1, 20, 20};
  for (const std::string& name : Registry<model::Backbone>::names()) {
    auto backbone = Registry<model::Backbone>::create(name);
    backbone->build(input, "batch");
    backbone->to(torch::kDouble);
    torch::manual_seed(8);
    for (torch::Tensor& weight : backbone->parameters()) weight.detach().uniform_(-0.1, 0.1);
    const auto task = make_task(GetParam(), *backbone, "", input);
    const torch::Tensor loss = total_loss(*task, *backbone, make_views(*task, 2, input));
    EXPECT_EQ(loss.dim(), 0);
    EXPECT_TRUE(loss.isfinite().item<bool>()) << name;
  }
}

TEST_P(EveryTask, EveryTrainableParameterGetsAGradient) {
  for (const char* norm : {"batch", "none"}) {
    const auto backbone = tiny_backbone(norm);
    const auto task = make_task(GetParam(), *backbone);
    total_loss(*task, *backbone, make_views(*task, 6)).backward();
    for (const torch::nn::Module* module : {static_cast<torch::nn::Module*>(backbone.get()),
                                            static_cast<torch::nn::Module*>(task.get())})
      for (const auto& item : module->named_parameters()) {
        if (!item.value().requires_grad()) continue;
        const torch::Tensor gradient = item.value().grad();
        ASSERT_TRUE(gradient.defined()) << item.key();
        EXPECT_TRUE(gradient.isfinite().all().item<bool>()) << item.key();
        EXPECT_TRUE(gradient.any().item<bool>()) << item.key() << " has a zero gradient";
      }
  }
}

TEST_P(EveryTask, EqualViewsGiveEqualBits) {
  const auto backbone = tiny_backbone("batch");
  const auto task = make_task(GetParam(), *backbone);
  const Views views = make_views(*task, 5);
  const torch::Tensor first = total_loss(*task, *backbone, views);
  EXPECT_TRUE(total_loss(*task, *backbone, views).equal(first));
  const auto other_backbone = tiny_backbone("batch");
  const auto other = make_task(GetParam(), *other_backbone);
  EXPECT_TRUE(total_loss(*other, *other_backbone, views).equal(first));
}

TEST_P(EveryTask, LeavesItsViewsAlone) {
  const auto backbone = tiny_backbone("batch");
  const auto task = make_task(GetParam(), *backbone);
  const Views views = make_views(*task, 3), copy = make_views(*task, 3);
  total_loss(*task, *backbone, views).backward();
  for (size_t i = 0; i < views.views.size(); ++i) EXPECT_TRUE(views.views[i].equal(copy.views[i]));
}

// The gradient along random directions through all parameters is the slope of the loss.
TEST_P(EveryTask, GradientIsTheSlopeOfTheLoss) {
  const auto backbone = tiny_backbone("batch");
  const auto task = make_task(GetParam(), *backbone);
  const Views views = make_views(*task, 4);
  std::vector<torch::Tensor> parameters = backbone->parameters();
  for (const torch::Tensor& parameter : task->parameters()) parameters.push_back(parameter);
  total_loss(*task, *backbone, views).backward();
  const torch::NoGradGuard no_grad;
  torch::manual_seed(12);
  for (int trial = 0; trial < 3; ++trial) {
    std::vector<torch::Tensor> direction;
    double slope = 0;
    for (const torch::Tensor& parameter : parameters) {
      direction.push_back(torch::randn_like(parameter) / parameter.norm().clamp_min(1));
      slope += (direction.back() * parameter.grad()).sum().item<double>();
    }
    const auto loss_at = [&](double distance) {
      for (size_t i = 0; i < parameters.size(); ++i) parameters[i].add_(direction[i], distance);
      const double loss = total_loss(*task, *backbone, views).item<double>();
      for (size_t i = 0; i < parameters.size(); ++i) parameters[i].sub_(direction[i], distance);
      return loss;
    };
    const double h = tolerance::kNumericStep;
    EXPECT_NEAR((loss_at(h) - loss_at(-h)) / (2 * h), slope,
                tolerance::kNumericGradient * std::max(1.0, std::abs(slope)));
  }
}

TEST_P(EveryTask, ClassifiersScoreEveryClass) {
  const auto backbone = tiny_backbone("none");
  const auto task = make_task(GetParam(), *backbone);
  auto* classifier = dynamic_cast<Classifier*>(task.get());
  EXPECT_EQ(classifier != nullptr, task->needs_labels());
  if (classifier == nullptr) return;
  const torch::Tensor scores = classifier->predict(*backbone, make_views(*task, 3).views[0]);
  EXPECT_EQ(scores.sizes().vec(), (std::vector<int64_t>{3, kClasses}));
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryTask, testing::ValuesIn(Registry<Task>::names()));

std::vector<std::string> names_of_family(bool local) {
  std::vector<std::string> names;
  for (const std::string& name : Registry<Task>::names())
    if ((dynamic_cast<LocalTask*>(Registry<Task>::create(name).get()) != nullptr) == local)
      names.push_back(name);
  return names;
}

class EveryLocalTask : public testing::TestWithParam<std::string> {};

TEST_P(EveryLocalTask, LossOfASampleDependsOnThatSampleAlone) {
  const auto backbone = tiny_backbone("none");
  const auto task = make_task<LocalTask>(GetParam(), *backbone);
  const Views views = make_views(*task, 6);
  const torch::Tensor all = task->loss(*backbone, views).per_sample;
  for (const std::vector<int64_t>& places :
       std::vector<std::vector<int64_t>>{{2}, {5, 0}, {3, 4, 1}, {5, 4, 3, 2, 1, 0}}) {
    const torch::Tensor some = task->loss(*backbone, select(views, places)).per_sample;
    EXPECT_LT(largest_difference(some, all.index_select(0, torch::tensor(places))),
              tolerance::kRounding64);
  }
  EXPECT_GT((all[0] - all[1]).abs().item<double>(), 1e-6);  // samples do differ
}

TEST_P(EveryLocalTask, LossAndMetricsHaveOneValueASample) {
  const auto backbone = tiny_backbone("none");
  const auto task = make_task<LocalTask>(GetParam(), *backbone);
  for (const int64_t count : {1, 4}) {
    const LocalLoss loss = task->loss(*backbone, make_views(*task, count));
    EXPECT_EQ(loss.per_sample.sizes().vec(), std::vector<int64_t>{count});
    for (const auto& [name, values] : loss.metrics) {
      EXPECT_EQ(values.sizes().vec(), std::vector<int64_t>{count}) << name;
      EXPECT_FALSE(values.requires_grad()) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryLocalTask, testing::ValuesIn(names_of_family(true)));

class EveryGlobalTask : public testing::TestWithParam<std::string> {
 protected:
  std::shared_ptr<model::Backbone> backbone_ = tiny_backbone("none");
  std::shared_ptr<GlobalTask> task_ = make_task<GlobalTask>(GetParam(), *backbone_);
  Views views_ = make_views(*task_, 7);
  torch::Tensor embeddings_ = task_->embed(*backbone_, views_).detach();
};

TEST_P(EveryGlobalTask, EmbeddingOfASampleIsARowThatDependsOnThatSampleAlone) {
  EXPECT_EQ(embeddings_.dim(), 2);
  EXPECT_EQ(embeddings_.size(0), 7);
  const std::vector<int64_t> places = {4, 0, 6};
  const torch::Tensor some = task_->embed(*backbone_, select(views_, places));
  EXPECT_LT(largest_difference(some, embeddings_.index_select(0, torch::tensor(places))),
            tolerance::kRounding64);
}

TEST_P(EveryGlobalTask, EmbeddingIsTheSameWithAndWithoutAGraph) {
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(task_->embed(*backbone_, views_).equal(embeddings_));
}

TEST_P(EveryGlobalTask, LossesOfAPartitionSumToTheLossOfTheBatch) {
  const GlobalLoss whole = task_->loss(embeddings_, 0, 7);
  for (const std::vector<int64_t>& cuts :
       std::vector<std::vector<int64_t>>{{0, 3, 7}, {0, 1, 2, 3, 4, 5, 6, 7}, {0, 6, 7}}) {
    double sum = 0, weight = 0;
    std::vector<double> metrics(whole.metrics.size());
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      const GlobalLoss part = task_->loss(embeddings_, cuts[i], cuts[i + 1]);
      sum += part.sum.item<double>();
      weight += part.weight;
      for (size_t m = 0; m < metrics.size(); ++m)
        metrics[m] += part.metrics[m].second.item<double>();
    }
    const double expected = whole.sum.item<double>();
    EXPECT_NEAR(sum, expected, tolerance::kRounding64 * std::max(1.0, std::abs(expected)));
    EXPECT_DOUBLE_EQ(weight, whole.weight);
    for (size_t m = 0; m < metrics.size(); ++m)
      EXPECT_NEAR(metrics[m], whole.metrics[m].second.item<double>(), tolerance::kRounding64)
          << whole.metrics[m].first;
  }
}

TEST_P(EveryGlobalTask, GradientOfAPartIsItsSlopeInEveryEmbedding) {
  const torch::Tensor z = embeddings_.clone().requires_grad_();
  task_->loss(z, 2, 5).sum.backward();
  torch::manual_seed(13);
  for (int trial = 0; trial < 5; ++trial) {
    const torch::Tensor direction = torch::randn_like(embeddings_);
    const double h = tolerance::kNumericStep;
    const auto loss_at = [&](double distance) {
      return task_->loss(embeddings_ + distance * direction, 2, 5).sum.item<double>();
    };
    const double slope = (z.grad() * direction).sum().item<double>();
    EXPECT_NEAR((loss_at(h) - loss_at(-h)) / (2 * h), slope,
                tolerance::kNumericGradient * std::max(1.0, std::abs(slope)));
  }
}

TEST_P(EveryGlobalTask, AnchorsSeeTheSamplesOfOtherLanes) {
  torch::Tensor moved = embeddings_.clone();
  moved[6].add_(torch::linspace(-1, 1, moved.size(1), torch::kDouble));
  EXPECT_NE(task_->loss(moved, 0, 3).sum.item<double>(),
            task_->loss(embeddings_, 0, 3).sum.item<double>());
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryGlobalTask, testing::ValuesIn(names_of_family(false)));

}  // namespace
}  // namespace espalier::pretext

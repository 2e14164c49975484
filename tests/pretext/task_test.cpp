// Conformance: what every registered task has to hold.
#include "pretext/task.h"

#include <gtest/gtest.h>

#include <map>

#include "pretext/classifier.h"
#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

class EveryTask : public testing::TestWithParam<std::string> {};

TEST_P(EveryTask, GivesLossesOrEmbeddingsOrBoth) {
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kNone);
  const auto task = make_task(GetParam(), *backbone);
  for (const int64_t count : {2, 4}) {
    const LaneInput input = make_input(*task, count);
    const LaneOutput output = task->run(*backbone, input);
    EXPECT_TRUE(output.losses.defined() || output.embeddings.defined());
    EXPECT_EQ(output.embeddings.defined(), task->compares());
    if (output.losses.defined())
      EXPECT_EQ(output.losses.sizes().vec(), std::vector<int64_t>{count});
    for (const torch::Tensor& rows : {output.embeddings, output.detached})
      if (rows.defined()) EXPECT_EQ(rows.size(0), count);
    for (const torch::Tensor& apart : {output.detached, output.sums})
      if (apart.defined()) EXPECT_FALSE(apart.requires_grad());
    for (const auto& [name, values] : output.metrics) {
      EXPECT_EQ(values.sizes().vec(), std::vector<int64_t>{count}) << name;
      EXPECT_FALSE(values.requires_grad()) << name;
    }
  }
}

std::shared_ptr<model::Backbone> small_backbone(const std::string& name,
                                                const image::ViewShape& input) {
  auto backbone = Registry<model::Backbone>::create(name);
  shrink(backbone->fields());
  backbone->build(input, backbone->own_norm());
  backbone->to(torch::kDouble);
  torch::manual_seed(8);
  for (torch::Tensor& weight : backbone->parameters()) weight.detach().uniform_(-0.1, 0.1);
  return backbone;
}

// The smallest backbone that gives vectors, the smallest that gives tokens, and that of maps.
const std::vector<std::string>& kinds_of_backbones() {
  static const std::vector<std::string> found = [] {
    std::map<size_t, std::pair<int64_t, std::string>> smallest;
    const image::ViewShape input{3, 36, 36};
    for (const std::string& name : Registry<model::Backbone>::names()) {
      if (Registry<model::Backbone>::create(name)->smallest_input() > input.height) continue;
      const auto backbone = small_backbone(name, input);
      int64_t values = 0;
      for (const torch::Tensor& weight : backbone->parameters()) values += weight.numel();
      const size_t kind = model::stage_shapes(*backbone, input).back().size();
      const auto known = smallest.find(kind);
      if (known == smallest.end() || values < known->second.first) smallest[kind] = {values, name};
    }
    std::vector<std::string> names;
    for (const auto& [kind, backbone] : smallest) names.push_back(backbone.second);
    return names;
  }();
  return found;
}

// On how many kinds of backbones the task can be built; there its loss is a finite number.
int64_t built_on(const std::string& task_name, const image::ViewShape& input) {
  int64_t built = 0;
  for (const std::string& name : kinds_of_backbones()) {
    const auto make = [&] { return small_backbone(name, input); };
    const auto backbone = make();
    std::shared_ptr<Task> task;
    try {
      task = make_task(task_name, *backbone, "", input, make);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage) << error.what();
      continue;
    }
    ++built;
    const torch::Tensor loss = total_loss(*task, *backbone, make_input(*task, 2, input));
    EXPECT_EQ(loss.dim(), 0);
    EXPECT_TRUE(loss.isfinite().item<bool>()) << name;
  }
  return built;
}

// `espalier describe --tasks` prints it as a row.
TEST_P(EveryTask, SaysWhatTheTableOfTasksWantsToKnow) {
  const About about = Registry<Task>::create(GetParam())->about();
  EXPECT_FALSE(about.loss.empty());
  for (const std::string& cell : {about.paper, about.loss, about.needs, about.differs}) {
    EXPECT_EQ(cell.find_first_of("|\n"), std::string::npos) << cell;
    EXPECT_FALSE(cell.ends_with('.')) << cell;
  }
}

TEST_P(EveryTask, BuildsByDefaultOnBackbonesWithAFiniteLoss) {
  EXPECT_GE(built_on(GetParam(), {3, 36, 36}), 1);
  EXPECT_EQ(built_on(GetParam(), {1, 36, 36}) > 0, built_on(GetParam(), {4, 36, 36}) > 0);
}

TEST_P(EveryTask, EveryTrainableParameterGetsAGradient) {
  for (model::Norm norm : {model::Norm::kBatch, model::Norm::kNone}) {
    const auto backbone = tiny_backbone_for(GetParam(), norm);
    const auto task = make_task(GetParam(), *backbone);
    total_loss(*task, *backbone, make_input(*task, 6)).backward();
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
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kBatch);
  const auto task = make_task(GetParam(), *backbone);
  const LaneInput views = make_input(*task, 5);
  const torch::Tensor first = total_loss(*task, *backbone, views);
  EXPECT_TRUE(total_loss(*task, *backbone, views).equal(first));
  const auto other_backbone = tiny_backbone_for(GetParam(), model::Norm::kBatch);
  const auto other = make_task(GetParam(), *other_backbone);
  EXPECT_TRUE(total_loss(*other, *other_backbone, views).equal(first));
}

TEST_P(EveryTask, LeavesItsViewsAlone) {
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kBatch);
  const auto task = make_task(GetParam(), *backbone);
  const LaneInput views = make_input(*task, 3), copy = make_input(*task, 3);
  total_loss(*task, *backbone, views).backward();
  for (size_t i = 0; i < views.views.size(); ++i) EXPECT_TRUE(views.views[i].equal(copy.views[i]));
}

// The gradient along random directions through all parameters is the slope of the loss, if all of
// it flows back.
TEST_P(EveryTask, GradientIsTheSlopeOfTheLoss) {
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kBatch);
  const auto task = make_task(GetParam(), *backbone);
  const LaneInput views = make_input(*task, 4);
  std::vector<torch::Tensor> parameters = backbone->parameters();
  for (const torch::Tensor& parameter : task->parameters())
    if (parameter.requires_grad()) parameters.push_back(parameter);
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
    const double numeric =  // without the third derivative
        (8 * (loss_at(h) - loss_at(-h)) - (loss_at(2 * h) - loss_at(-2 * h))) / (12 * h);
    const double difference = std::abs(numeric - slope);
    const double allowed = tolerance::kNumericGradient * std::max(1.0, std::abs(slope));
    EXPECT_EQ(difference > allowed, task->stops_gradient()) << difference;
  }
}

TEST_P(EveryTask, ClassifiersScoreEveryClass) {
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kNone);
  const auto task = make_task(GetParam(), *backbone);
  auto* classifier = dynamic_cast<Classifier*>(task.get());
  EXPECT_EQ(classifier != nullptr, task->needs_labels());
  if (classifier == nullptr) return;
  const torch::Tensor scores = classifier->predict(*backbone, make_input(*task, 3).views[0]);
  EXPECT_EQ(scores.sizes().vec(), (std::vector<int64_t>{3, kClasses}));
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryTask, testing::ValuesIn(Registry<Task>::names()),
                         [](const auto& test) { return test.param; });

// Whatever a lane says of a sample depends on that sample alone, but for the statistics of batch
// normalisation.
TEST_P(EveryTask, RowsOfASampleDependOnThatSampleAlone) {
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kNone);
  const auto task = make_task(GetParam(), *backbone);
  task->eval();
  const LaneInput input = make_input(*task, 6);
  const LaneOutput all = task->run(*backbone, input);
  for (const std::vector<int64_t>& places :
       std::vector<std::vector<int64_t>>{{2, 4}, {5, 0}, {3, 4, 1}, {5, 4, 3, 2, 1, 0}}) {
    const LaneOutput some = task->run(*backbone, select(input, places));
    const torch::Tensor index = torch::tensor(places);
    for (const auto& [few, many] : {std::pair{some.losses, all.losses},
                                    {some.embeddings, all.embeddings},
                                    {some.detached, all.detached}})
      if (few.defined())
        EXPECT_LT(largest_difference(few, many.index_select(0, index)), tolerance::kRounding64);
  }
  const torch::Tensor& rows = all.losses.defined() ? all.losses : all.embeddings;
  EXPECT_GT((rows[0] - rows[1]).abs().max().item<double>(), 1e-6);  // samples do differ
}

TEST_P(EveryTask, RunsTheSameWithAndWithoutAGraph) {
  const auto backbone = tiny_backbone_for(GetParam(), model::Norm::kNone);
  const auto task = make_task(GetParam(), *backbone);
  const LaneInput input = make_input(*task, 4);
  const LaneOutput with = task->run(*backbone, input);
  const torch::NoGradGuard no_grad;
  const LaneOutput without = task->run(*backbone, input);
  for (const auto& [a, b] : {std::pair{with.losses, without.losses},
                             {with.embeddings, without.embeddings},
                             {with.detached, without.detached}})
    if (a.defined()) EXPECT_TRUE(a.equal(b));
}

std::vector<std::string> names_that_compare() {
  std::vector<std::string> names;
  for (const std::string& name : Registry<Task>::names())
    if (Registry<Task>::create(name)->compares()) names.push_back(name);
  return names;
}

class EveryComparison : public testing::TestWithParam<std::string> {
 protected:
  std::shared_ptr<model::Backbone> backbone_ = tiny_backbone_for(GetParam(), model::Norm::kNone);
  std::shared_ptr<Task> task_ = make_task(GetParam(), *backbone_);
  LaneInput input_ = make_input(*task_, 8);
  Gathered batch_ = [this] {
    Gathered batch = gathered(task_->run(*backbone_, input_), input_);
    batch.embeddings = batch.embeddings.detach();
    return batch;
  }();

  Gathered with(const torch::Tensor& embeddings) const {
    Gathered batch = batch_;
    batch.embeddings = embeddings;
    return batch;
  }
};

TEST_P(EveryComparison, PartsSumToTheLossOfTheBatch) {
  const Compared whole = task_->compare(batch_, {});
  for (const int64_t parts : {2, 3, 8}) {
    double sum = 0;
    std::vector<double> metrics(whole.metrics.size());
    for (int64_t i = 0; i < parts; ++i) {
      const Compared part = task_->compare(batch_, {i, parts});
      sum += part.sum.item<double>();
      EXPECT_DOUBLE_EQ(part.weight, whole.weight);
      for (size_t m = 0; m < metrics.size(); ++m)
        metrics[m] += part.metrics[m].second.item<double>();
    }
    const double expected = whole.sum.item<double>();
    EXPECT_NEAR(sum, expected, tolerance::kRounding64 * std::max(1.0, std::abs(expected)));
    for (size_t m = 0; m < metrics.size(); ++m)
      EXPECT_NEAR(metrics[m], whole.metrics[m].second.item<double>(), tolerance::kRounding64)
          << whole.metrics[m].first;
  }
}

TEST_P(EveryComparison, GradientOfAPartIsItsSlopeInEveryEmbedding) {
  const Part part{1, 3};
  const torch::Tensor z = batch_.embeddings.clone().requires_grad_();
  task_->compare(with(z), part).sum.backward();
  torch::manual_seed(13);
  for (int trial = 0; trial < 5; ++trial) {
    const torch::Tensor direction = torch::randn_like(batch_.embeddings);
    const double h = tolerance::kNumericStep;
    const auto loss_at = [&](double distance) {
      return task_->compare(with(batch_.embeddings + distance * direction), part)
          .sum.item<double>();
    };
    const double slope = (z.grad() * direction).sum().item<double>();
    EXPECT_NEAR((loss_at(h) - loss_at(-h)) / (2 * h), slope,
                tolerance::kNumericGradient * std::max(1.0, std::abs(slope)));
  }
}

TEST_P(EveryComparison, SeesTheSamplesOfOtherLanes) {
  Gathered moved = batch_;
  for (torch::Tensor* rows : {&moved.embeddings, &moved.detached})
    if (rows->defined())
      (*rows = rows->clone())[7].add_(torch::linspace(-1, 1, rows->size(1), torch::kDouble));
  EXPECT_NE(task_->compare(moved, {0, 4}).sum.item<double>(),
            task_->compare(batch_, {0, 4}).sum.item<double>());
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryComparison, testing::ValuesIn(names_that_compare()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace espalier::pretext

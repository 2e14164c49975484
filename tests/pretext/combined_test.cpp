#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

// `task` gets the weights that `source` has under `prefix`.
void copy_weights(Task& task, const Task& source, const std::string& prefix) {
  const torch::NoGradGuard no_grad;
  const auto from = source.named_parameters();
  for (auto& item : task.named_parameters()) item.value().copy_(from[prefix + item.key()]);
  const auto buffers = source.named_buffers();
  for (auto& item : task.named_buffers()) item.value().copy_(buffers[prefix + item.key()]);
}

std::shared_ptr<Task> combined(const std::string& tasks, model::Backbone& backbone) {
  return make_task("combined", backbone, "tasks: [" + tasks + "]");
}

std::vector<torch::Tensor> gradients(Task& task, model::Backbone& backbone,
                                     const LaneInput& input) {
  backbone.zero_grad();
  total_loss(task, backbone, input).backward();
  std::vector<torch::Tensor> all;
  for (const torch::Tensor& weight : backbone.parameters()) all.push_back(weight.grad().clone());
  return all;
}

void expect_equal(const torch::Tensor& a, const torch::Tensor& b, const std::string& what) {
  ASSERT_EQ(a.defined(), b.defined()) << what;
  if (a.defined()) EXPECT_TRUE(a.equal(b)) << what;
}

// The task as make_task makes it: "simclr(hidden=8, dimension=8)".
std::string small(const std::string& name) {
  const std::vector<std::string> options = small_options<Task>(name);
  return options.empty() ? name : fmt::format("\"{}({})\"", name, fmt::join(options, ", "));
}

TEST(Combined, OfOneTaskIsThatTask) {
  for (const std::string& name : Registry<Task>::names()) {
    if (name == "combined") continue;
    const auto backbone = tiny_backbone_for(name, model::Norm::kBatch);
    const auto one = combined(small(name), *backbone), same = make_task(name, *backbone);
    copy_weights(*same, *one, name + ".");
    EXPECT_EQ(one->view_count(), same->view_count());
    EXPECT_EQ(one->needs_labels(), same->needs_labels());
    ASSERT_EQ(one->compares(), same->compares());
    const LaneInput input = make_input(*same, 4);
    const LaneOutput a = one->run(*backbone, input), b = same->run(*backbone, input);
    expect_equal(a.losses, b.losses, name);
    expect_equal(a.embeddings, b.embeddings, name);
    expect_equal(a.detached, b.detached, name);
    expect_equal(a.sums, b.sums, name);
    if (one->compares()) {
      const Compared x = one->compare(gathered(a, input), {1, 2});
      const Compared y = same->compare(gathered(b, input), {1, 2});
      expect_equal(x.sum, y.sum, name);
      EXPECT_EQ(x.weight, y.weight) << name;
    }
    const auto left = gradients(*one, *backbone, input), right = gradients(*same, *backbone, input);
    for (size_t i = 0; i < left.size(); ++i) EXPECT_TRUE(left[i].equal(right[i])) << name;
  }
}

TEST(Combined, GradientIsTheWeightedSumOfThoseOfItsTasks) {
  const auto backbone = tiny_backbone(model::Norm::kBatch);
  const auto both = combined(
      "\"rotation(weight=0.25)\", \"simclr(temperature=0.2, weight=3, hidden=8, dimension=8)\"",
      *backbone);
  const auto rotation = make_task("rotation", *backbone);
  const auto simclr = make_task("simclr", *backbone, "temperature: 0.2");
  copy_weights(*rotation, *both, "rotation.");
  copy_weights(*simclr, *both, "simclr.");
  const LaneInput input = make_input(*both, 6);
  const auto whole = gradients(*both, *backbone, input);
  const auto a = gradients(*rotation, *backbone, input), b = gradients(*simclr, *backbone, input);
  for (size_t i = 0; i < whole.size(); ++i)
    EXPECT_LT(largest_difference(whole[i], a[i] * 0.25 + b[i] * 3), tolerance::kRounding64);
}

// A task that gives all that a task may give, whose comparison has a weight of its own.
class Everything : public Task {
 public:
  Fields fields() override { return {{"scale", &scale_, {}}, {"columns", &columns_, {}}}; }
  bool compares() const override { return true; }
  void build(const Site&) override {
    register_parameter("stays", torch::zeros({1}));
    register_parameter("moves", torch::zeros({1}));
  }
  LaneOutput run(model::Backbone&, const LaneInput& input) override {
    const torch::Tensor column = input.views[0].mean({1, 2, 3}).view({-1, 1}) * scale_;
    return {.losses = column.flatten(),
            .embeddings = column.expand({-1, columns_}),
            .detached = column.expand({-1, columns_ + 1}) + 1,
            .sums = torch::full({columns_ + 2}, scale_, torch::kDouble)};
  }
  Compared compare(const Gathered& batch, const Part& part) override {
    EXPECT_EQ(batch.embeddings.size(1), columns_);
    const torch::Tensor rows = batch.embeddings.slice(0, part.first(4), part.last(4));
    return {rows.sum(), 10 * scale_, {{"rows", rows.sum()}}};
  }
  bool trains(const std::string& name, const Step&) const override { return name == "moves"; }
  Scalars after_step(model::Backbone&, const Step&, const Gathered& batch) override {
    EXPECT_EQ(batch.embeddings.size(1), columns_);
    EXPECT_EQ(batch.detached.size(1), columns_ + 1);
    EXPECT_EQ(batch.sums.sizes().vec(), std::vector<int64_t>{columns_ + 2});
    EXPECT_EQ(batch.sums[0].item<double>(), scale_);
    return {{"scale", scale_}};
  }

 private:
  double scale_ = 1;
  int64_t columns_ = 1;
};

// In the registry while it lives.
struct Registered {
  Registered() {
    registry_entries("task")["everything"] = {
        [] { return std::shared_ptr<void>(std::shared_ptr<Task>(std::make_shared<Everything>())); },
        ""};
  }
  ~Registered() { registry_entries("task").erase("everything"); }
};

TEST(Combined, EachTaskSeesItsOwnColumnsAndItsOwnWeightIsDivided) {
  const Registered registered;
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = combined(
      "\"everything(scale=2, columns=3, weight=5)\", rotation, \"everything(scale=7, columns=2)\"",
      *backbone);
  const LaneInput input = make_input(*task, 4);
  const LaneOutput output = task->run(*backbone, input);
  EXPECT_EQ(output.embeddings.sizes().vec(), (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(output.detached.sizes().vec(), (std::vector<int64_t>{4, 7}));
  EXPECT_EQ(output.sums.sizes().vec(), (std::vector<int64_t>{9}));
  const Gathered batch = gathered(output, input);
  const Compared whole = task->compare(batch, {});
  const double sum = input.views[0].mean({1, 2, 3}).sum().item<double>();
  // 2 x 3 columns over a weight of 20, five times; 7 x 2 columns over one of 70.
  EXPECT_NEAR((whole.sum / whole.weight).item<double>(), 5 * sum * 6 / 20 + sum * 14 / 70,
              tolerance::kRounding64);
  double parts = 0;
  for (int64_t i = 0; i < 3; ++i) parts += task->compare(batch, {i, 3}).sum.item<double>();
  EXPECT_NEAR(parts, whole.sum.item<double>(), tolerance::kRounding64);
  std::map<std::string, double> metrics;
  for (const auto& [name, value] : whole.metrics)
    metrics[name] = value.item<double>() / whole.weight;
  EXPECT_NEAR(metrics["everything_rows"], sum * 6 / 20, tolerance::kRounding64);
  EXPECT_NEAR(metrics["everything_2_compared"], sum * 14 / 70, tolerance::kRounding64);
}

TEST(Combined, PassesOnWhatRestsAndWhatIsDoneAfterAStep) {
  const Registered registered;
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = combined("everything, \"everything(scale=3, columns=4)\", rotation", *backbone);
  EXPECT_TRUE(task->trains("everything.moves", {}));
  EXPECT_FALSE(task->trains("everything_2.stays", {}));
  EXPECT_TRUE(task->trains("everything_2.moves", {}));
  EXPECT_TRUE(task->trains("rotation.classifier.weight", {}));
  const LaneInput input = make_input(*task, 4);
  const Gathered batch = gathered(task->run(*backbone, input), input);
  // As in the engine, on an instance that has not run.
  const auto other =
      combined("everything, \"everything(scale=3, columns=4)\", rotation", *backbone);
  EXPECT_THAT(other->after_step(*backbone, {}, batch),
              testing::ElementsAre(testing::Pair("everything_scale", 1),
                                   testing::Pair("everything_2_scale", 3)));
}

TEST(Combined, ATaskSeesTheViewsThatItNames) {
  const auto task =
      combined("\"rotation(views=[2], angles=2)\", simclr", *tiny_backbone(model::Norm::kNone));
  EXPECT_EQ(task->view_count(), 3);
  ProbeBackbone probe;
  const auto seeing = combined("\"rotation(views=[2], angles=2)\"", probe);
  const LaneInput input = make_input(*seeing, 2);
  seeing->run(probe, input);
  EXPECT_TRUE(probe.seen.slice(0, 0, 2).equal(input.views[2]));
}

TEST(Combined, IsReadAsAListOfLines) {
  const auto task = Registry<Task>::create("combined");
  auto document = config::Document::parse(
      "task:\n  tasks:\n    - rotation(angles=2)\n    - simclr(temperature=0.2, weight=0.5)\n",
      "test");
  document.bind("task", task->fields());
  EXPECT_EQ(task->view_count(), 2);
  EXPECT_TRUE(task->compares());
  EXPECT_THAT(
      document.resolved(),
      testing::HasSubstr(R"_(["rotation(angles=2)", "simclr(temperature=0.2, weight=0.5)"])_"));
}

TEST(Combined, NamesWhatIsWrong) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const std::pair<const char*, const char*> wrong[] = {{"", "task.tasks"},
                                                       {"rotatoin", "rotation"},
                                                       {"\"simclr(temprature=1)\"", "temperature"},
                                                       {"\"simclr(views=[0])\"", "views"},
                                                       {"\"simclr(weight=-1)\"", "weight"},
                                                       {"\"rotation | simclr\"", "one task"}};
  for (const auto& [tasks, expected] : wrong) try {
      combined(tasks, *backbone);
      ADD_FAILURE() << tasks << " is taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage) << error.what();
      EXPECT_THAT(error.what(), testing::HasSubstr(expected));
    }
}

TEST(Combined, NoTaskHasAnOptionOfTheNamesThatItAdds) {
  for (const std::string& name : Registry<Task>::names())
    for (const Field& field : Registry<Task>::create(name)->fields())
      EXPECT_TRUE(field.name != "weight" && field.name != "views") << name;
}

}  // namespace
}  // namespace espalier::pretext

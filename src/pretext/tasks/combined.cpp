// Several tasks on shared views and one backbone: the loss is the weighted sum of theirs.
//
//   task:
//     name: combined
//     tasks:
//       - rotation(angles=4)
//       - simclr(temperature=0.2, weight=0.5)
//
// A text names a task with its options, as ops are named in augment.views, and may give two options
// more: `weight` of its loss in the sum, and `views`, the numbers of the views that it sees;
// without them it sees the first ones. Modules are named by their task,
// "task.simclr.projector.0.weight"; a second simclr is "simclr_2". Metrics likewise:
// "simclr_accuracy", and "simclr_loss" before it is weighted.
//
// Each task runs the backbone itself, so batch normalisation sees the batch of one task at a time.
// Columns of embeddings, detached rows and sums stand side by side, in the order of the tasks. A
// task that learns the data's classes is trained here, but train.hooks: [validate] does not see it.
#include <torch/torch.h>

#include <algorithm>
#include <numeric>

#include "augment/call.h"
#include "config/plugin_options.h"
#include "pretext/task.h"

namespace espalier::pretext {
namespace {

struct Columns {
  int64_t first = 0, width = 0;

  at::Tensor of(const at::Tensor& all) const {
    if (!all.defined() || width == 0) return {};
    return all.narrow(/*dim=*/-1, first, width);
  }
};

// A child's share of what lanes give.
struct Layout {
  Columns embeddings, detached, sums;
  bool has_losses = false;

  Gathered of(const Gathered& batch) const {
    return {embeddings.of(batch.embeddings),
            detached.of(batch.detached),
            batch.labels,
            batch.samples,
            sums.of(batch.sums),
            batch.step};
  }
};

struct Child {
  std::string kind, name;  // of the task, and of this one
  std::shared_ptr<Task> task;
  double weight = 1;
  std::vector<int64_t> views;
  Layout layout = {};

  template <typename T>
  std::vector<T> seen(const std::vector<T>& all) const {
    std::vector<T> own;
    for (const int64_t view : views) own.push_back(all.at(static_cast<size_t>(view)));
    return own;
  }
};

Child child_of(const std::string& text) {
  const std::vector<augment::Call> calls = augment::parse_calls(text);
  check(calls.size() == 1, Kind::kUsage,
        "'{}' does not name one task (try: \"simclr(temperature=0.2, weight=0.5)\")", text);
  const std::string& kind = calls[0].name;
  Child child{.kind = kind, .name = kind, .task = Registry<Task>::create(kind)};
  Fields common = {
      {"weight", &child.weight, {.min = 0, .max = 1e6, .help = "weight of the task's loss"}},
      {"views", &child.views, {.min = 0, .max = 1000, .help = "numbers of the views it sees"}}};
  augment::set_options(calls[0], config::with(child.task->fields(), std::move(common)));
  const auto needed = static_cast<size_t>(child.task->view_count());
  if (child.views.empty()) {
    child.views.resize(needed);
    std::iota(child.views.begin(), child.views.end(), 0);
  }
  check(child.views.size() == needed, Kind::kUsage, "{}: views has {} numbers, the task takes {}",
        text, child.views.size(), needed);
  return child;
}

LaneInput blank_input(const std::vector<image::ViewShape>& views, at::ScalarType type) {
  LaneInput input;
  for (const image::ViewShape& view : views)
    input.views.push_back(torch::zeros({2, view.channels, view.height, view.width}, type));
  input.labels = torch::zeros({2}, torch::kLong);
  input.samples = {0, 1};
  input.epochs = {0, 0};
  return input;
}

// What `task` gives of two blank samples: how many columns shows in no other way.
LaneOutput tried_out(Task& task, const Site& site) {
  const torch::NoGradGuard no_grad;
  const bool was_training = site.backbone.is_training();
  const auto parameters = site.backbone.parameters();
  const auto type = parameters.empty() ? torch::kFloat : parameters[0].scalar_type();
  task.to(type);
  task.eval();
  site.backbone.eval();
  const LaneOutput output = task.run(site.backbone, blank_input(site.views, type));
  site.backbone.train(was_training);
  task.train();
  return output;
}

class Combined : public Task {
 public:
  About about() const override {
    return {.family = Family::kOther, .loss = "weighted sum of the losses of its tasks"};
  }

  Fields fields() override {
    return {{"tasks",
             &texts_,
             {.help = "the tasks, with their options and the weights of their losses: "
                      "[\"rotation\", \"simclr(temperature=0.2, weight=0.5)\"]; views=[0, 2] says "
                      "which views a task sees"}}};
  }

  int64_t view_count() const override {
    int64_t count = 1;
    for (const Child& child : children())
      for (const int64_t view : child.views) count = std::max(count, view + 1);
    return count;
  }
  bool stops_gradient() const override {
    return std::ranges::any_of(children(), [](const Child& c) { return c.task->stops_gradient(); });
  }
  bool needs_labels() const override {
    return std::ranges::any_of(children(), [](const Child& c) { return c.task->needs_labels(); });
  }
  bool compares() const override {
    return std::ranges::any_of(children(), [](const Child& c) { return c.task->compares(); });
  }

  void build(const Site& site) override {
    Layout end;  // of all children so far
    const auto take = [](Columns& own, Columns& end, const at::Tensor& given) {
      own = {end.first, given.defined() ? given.size(-1) : 0};
      end.first += own.width;
    };
    for (Child& child : children()) {
      Site own = site;
      own.views = child.seen(site.views);
      child.task->build(own);
      register_module(child.name, child.task);
      const LaneOutput output = tried_out(*child.task, own);
      take(child.layout.embeddings, end.embeddings, output.embeddings);
      take(child.layout.detached, end.detached, output.detached);
      take(child.layout.sums, end.sums, output.sums);
      child.layout.has_losses = output.losses.defined();
    }
  }

  void weights_drawn(model::Backbone& backbone) override {
    for (const Child& child : children()) child.task->weights_drawn(backbone);
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    LaneOutput all;
    std::vector<at::Tensor> embeddings, detached, sums;
    const auto keep = [](std::vector<at::Tensor>& of_all, const at::Tensor& given) {
      if (given.defined()) of_all.push_back(given);
    };
    for (const Child& child : children()) {
      LaneInput own = input;
      own.views = child.seen(input.views);
      const LaneOutput output = child.task->run(backbone, own);
      keep(embeddings, output.embeddings);
      keep(detached, output.detached);
      keep(sums, output.sums);
      if (output.losses.defined()) {
        const at::Tensor weighted = output.losses * child.weight;
        all.losses = all.losses.defined() ? all.losses + weighted : weighted;
        all.metrics.emplace_back(child.name + "_loss", output.losses.detach());
      }
      for (const auto& [name, values] : output.metrics)
        all.metrics.emplace_back(child.name + "_" + name, values);
    }
    const auto joined = [](const std::vector<at::Tensor>& given) {
      return given.empty() ? at::Tensor() : given.size() == 1 ? given[0] : torch::cat(given, -1);
    };
    all.embeddings = joined(embeddings);
    all.detached = joined(detached);
    all.sums = joined(sums);
    return all;
  }

  // Children divide their sums by weights of their own; all are brought to that of the first.
  Compared compare(const Gathered& batch, const Part& part) override {
    Compared all;
    for (const Child& child : children()) {
      if (!child.task->compares()) continue;
      const Compared own = child.task->compare(child.layout.of(batch), part);
      if (!all.sum.defined()) all.weight = own.weight;
      const double scale = all.weight / own.weight;
      const at::Tensor weighted = own.sum * (scale * child.weight);
      all.sum = all.sum.defined() ? all.sum + weighted : weighted;
      all.metrics.emplace_back(child.name + (child.layout.has_losses ? "_compared" : "_loss"),
                               own.sum.detach() * scale);
      for (const auto& [name, sum] : own.metrics)
        all.metrics.emplace_back(child.name + "_" + name, sum * scale);
    }
    return all;
  }

  bool trains(const std::string& name, const Step& step) const override {
    for (const Child& child : children())
      if (name.starts_with(child.name + "."))
        return child.task->trains(name.substr(child.name.size() + 1), step);
    return true;
  }

  bool trains_backbone(const std::string& name, const Step& step) const override {
    return std::ranges::all_of(children(),
                               [&](const Child& c) { return c.task->trains_backbone(name, step); });
  }
  bool has_constant_rate(const std::string& name) const override {
    return std::ranges::any_of(children(), [&](const Child& c) {
      return name.starts_with(c.name + ".") &&
             c.task->has_constant_rate(name.substr(c.name.size() + 1));
    });
  }
  bool knows_the_set() const override {
    return std::ranges::any_of(children(), [](const Child& c) { return c.task->knows_the_set(); });
  }

  Scalars after_step(model::Backbone& backbone, const Step& step, const Gathered& batch) override {
    Scalars all;
    for (const Child& child : children())
      for (const auto& [name, value] :
           child.task->after_step(backbone, step, child.layout.of(batch)))
        all.emplace_back(child.name + "_" + name, value);
    return all;
  }

 private:
  // Made once the options are read, when something is first asked.
  std::vector<Child>& children() const {
    check(!texts_.empty(), Kind::kUsage,
          "task.tasks is empty (try: [\"rotation\", \"simclr(weight=0.5)\"])");
    if (made_of_ == texts_) return children_;
    children_.clear();
    for (const std::string& text : texts_) {
      Child child = augment::placed("task.tasks", [&] { return child_of(text); });
      const auto same = std::ranges::count(children_, child.kind, &Child::kind);
      if (same > 0) child.name += "_" + std::to_string(same + 1);
      children_.push_back(std::move(child));
    }
    made_of_ = texts_;
    return children_;
  }

  std::vector<std::string> texts_ = {"rotation", "simclr"};
  mutable std::vector<std::string> made_of_;
  mutable std::vector<Child> children_;
};

ESPALIER_REGISTER(Task, Combined, "combined",
                  "several tasks at once: the weighted sum of their losses, with one backbone");

}  // namespace
}  // namespace espalier::pretext

// A pretext task: what a network is asked so that it learns without labels. Plug-in kind "task",
// one file each.
//
// A task owns the modules on top of the backbone (a classifier, a decoder, a projector) and turns
// views of samples into a loss. It runs on one lane of the batch at a time, and what it says leaves
// the lane in one of five ways (LaneOutput); everything that joins lanes and ranks is the engine's.
// A task communicates with nobody, does not divide by the batch and does not know ranks.
//
//   rotation, mae    losses of each sample
//   byol, simsiam    losses, and a teacher that after_step() moves
//   simclr, barlow   embeddings, which compare() sees from the whole batch
//   moco             losses, and detached keys, which after_step() puts into a queue
//   dino             losses, and sums for the centre
//
// A network has a replica for each worker, so run() and compare() are called on several instances
// at once, and in any order of lanes. Replicas share all parameters and buffers but the running
// statistics of batch normalisation. Only after_step() and weights_drawn() change anything else,
// and they are called on the network itself, between steps, on all ranks alike.
#pragma once

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "model/backbone.h"

namespace espalier::pretext {

// The step under way: what schedules and draws of a task may depend on.
struct Step {
  int64_t number = 0;  // steps completed before this one
  int64_t total = 1;   // length of the run
  uint64_t seed = 0;   // of the run
};

// One lane's samples.
struct LaneInput {
  std::vector<at::Tensor> views;  // each [n, C, H, W], normalised; sizes may differ among views
  at::Tensor labels;              // i64 [n], -1 = none
  std::vector<int64_t> samples;   // [n] ids
  std::vector<uint64_t> epochs;   // [n]
  Step step;
  int64_t lane = 0;

  // For masks and the like: keyed by (seed, epoch, sample i, view, name).
  Draw draw(std::string_view name, int64_t i, int64_t view = 0) const;
  // For dropout: keyed by (seed, step, lane, name). A new one for each call.
  at::Generator generator(std::string_view name) const;
  // `images` as a backbone in training takes them, with what drop path is drawn by. `pass` numbers
  // the forward passes of a run, so that they drop differently.
  model::Features features(at::Tensor images, int64_t pass = 0) const;
};

// Numbers for the log by name: a value per sample from run(), a sum from compare().
using Metrics = std::vector<std::pair<std::string, at::Tensor>>;
// Named numbers for the metrics of a run.
using Scalars = std::vector<std::pair<std::string, double>>;

// What a lane gives; all but one of losses and embeddings may be left undefined.
struct LaneOutput {
  at::Tensor losses = {};      // [n], with graph: each sample's own loss
  at::Tensor embeddings = {};  // [n, E], with graph: what compare() sees; all views of a sample
  at::Tensor detached = {};    // [n, M], without graph: gathered likewise (keys, teacher outputs)
  at::Tensor sums = {};        // [S], without graph: summed over lanes (a centre, counts)
  Metrics metrics = {};        // each [n], without graph; their mean is logged
};

// What lanes gave, of the whole batch: rows in the order of the stream, equal on every rank for any
// number of ranks. Undefined where lanes gave nothing of the kind; labels and samples come with
// embeddings or detached rows.
struct Gathered {
  at::Tensor embeddings;  // [B, E]
  at::Tensor detached;    // [B, M]
  at::Tensor labels;      // i64 [B]
  at::Tensor samples;     // i64 [B]
  at::Tensor sums;        // [S]
  Step step;              // under way
};

// One of `count` equal parts of the comparison: what is cut (anchors, features, slices) is the
// task's choice, the sum over all parts is the loss.
struct Part {
  int64_t index = 0, count = 1;

  // This part's range of `n` things.
  int64_t first(int64_t n) const { return index * n / count; }
  int64_t last(int64_t n) const { return (index + 1) * n / count; }
};

struct Compared {
  at::Tensor sum;        // scalar, with graph: this part's
  double weight = 1;     // what the sum over all parts is divided by; the same for every part
  Metrics metrics = {};  // scalars without graph: sums that are divided by the same weight
};

// A backbone that was trained elsewhere, for a task to look at.
struct Trained {
  std::shared_ptr<model::Backbone> backbone;  // with undefined weights
  std::function<void()> load;                 // gives it its own; called by weights_drawn() alone
  std::vector<double> mean, std;  // what its images were normalised by; empty = not known
};

// What a task is built on.
struct Site {
  model::Backbone& backbone;
  // Another backbone of equal modules, with undefined weights: a teacher.
  std::function<std::shared_ptr<model::Backbone>()> another_backbone;
  std::vector<image::ViewShape> views;             // shapes of the views
  int64_t classes = 0;                             // of the data set; 0 = unlabelled
  int64_t ids = 0;                                 // ids of samples are below this
  std::vector<double> mean = {0.5}, std = {0.25};  // what views are normalised by: one, or C
  // The one that `source` holds (a run, a file; engine/open_backbone.h) for images of input().
  // `model` names it with its options, "resnet50(stem=imagenet)", where the source does not.
  std::function<Trained(const std::string& source, const std::string& model)> open_backbone = {};

  const image::ViewShape& input() const { return views.front(); }
  // Channels, or units, of the pooled features of the backbone.
  int64_t width() const;
};

// What a task asks of a network.
enum class Family { kTransformation, kMasked, kInstance, kDistillation, kOther };
constexpr auto names_of(Family) {
  using enum Family;
  return names<Family>({{kTransformation, "transformation prediction"},
                        {kMasked, "masked prediction"},
                        {kInstance, "instance discrimination"},
                        {kDistillation, "distillation"},
                        {kOther, "others"}});
}

// What the table of tasks says of one (espalier describe --tasks): phrases without "|".
struct About {
  Family family = Family::kOther;
  std::string paper = {};    // "Chen et al. 2020"; empty where there is none
  std::string loss = {};     // in a few words
  std::string needs = {};    // besides a backbone and views: "patches; a teacher"
  std::string differs = {};  // from the paper
};

class Task : public torch::nn::Module, public Plugin {
 public:
  static constexpr const char* kKind = "task";

  virtual About about() const { return {}; }

  // Asked after the options are read, before build().
  virtual int64_t view_count() const { return 1; }
  virtual bool needs_labels() const { return false; }
  virtual bool compares() const { return false; }  // whether there is a compare()

  // Whether the loss holds constant what the network itself computes (stop-gradient): its gradient
  // is then not its slope.
  virtual bool stops_gradient() const { return false; }

  // After build(): about the loss of a network that knows nothing, such as ln of the number of
  // classes, for a batch of `batch` samples over all ranks. Nothing = unknown.
  virtual std::optional<double> expected_loss(int64_t /*batch*/) const { return {}; }

  // Makes the modules, with undefined weights. A teacher is a child module whose parameters require
  // no gradient.
  virtual void build(const Site& site) = 0;

  // Called once initial weights are drawn, and not at resume: teacher := student.
  virtual void weights_drawn(model::Backbone&) {}

  // May be called twice for a lane and must then give the same.
  virtual LaneOutput run(model::Backbone& backbone, const LaneInput& input) = 0;

  // The part of the loss that compares samples. May use parameters of the task's own; gradients
  // reach the embeddings and those.
  virtual Compared compare(const Gathered& batch, const Part& part);

  // Whether the optimizer moves the task's parameter `name` in this step, and the backbone's.
  virtual bool trains(const std::string& /*name*/, const Step&) const { return true; }
  virtual bool trains_backbone(const std::string& /*name*/, const Step&) const { return true; }

  // Whether the rate of the task's parameter `name` stays at the run's highest, whatever the
  // schedule says.
  virtual bool has_constant_rate(const std::string& /*name*/) const { return false; }

  // Whether what it learns belongs to the samples or classes of the set: no use to a run on another
  // one.
  virtual bool knows_the_set() const { return false; }

  // Called after the weights have moved, on all ranks alike, without a graph; not for a skipped
  // step. Here a teacher follows, a queue is filled, a centre moves. What it returns is logged.
  virtual Scalars after_step(model::Backbone&, const Step&, const Gathered&) { return {}; }

 protected:
  // A tensor that after_step() alone changes: one storage for all replicas, part of the checkpoint,
  // never reduced or averaged.
  at::Tensor& register_state(const std::string& name, at::Tensor initial);
};

}  // namespace espalier::pretext

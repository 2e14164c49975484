// A pretext task: what a network is asked so that it learns without labels. Plug-in kind "task",
// one file each.
//
// A task owns the modules on top of the backbone (a classifier, a decoder, a projector) and turns
// views of samples into a loss. It never divides by the batch: it gives per-sample losses, or a sum
// and its weight; the trainer divides, once. It communicates with nobody. An instance serves one
// lane at a time; every lane worker has its own.
//
//   LocalTask   the loss of a sample depends on that sample alone (rotation, inpainting, labels)
//   GlobalTask  the loss compares samples of the whole global batch (contrastive and its
//   descendants): the task embeds
//               its lane's samples, and then gives the loss of some anchors given everyone's
//               embeddings
#pragma once

#include <torch/nn/module.h>

#include <string>
#include <utility>
#include <vector>

#include "model/backbone.h"

namespace espalier::pretext {

// One lane's samples.
struct Views {
  std::vector<at::Tensor> views;  // each [n, C, H, W], normalised
  at::Tensor labels;              // i64 [n], -1 = none
  std::vector<int64_t> samples;   // [n] ids
  std::vector<uint64_t> epochs;   // [n]
  uint64_t seed = 0;  // of the run; draw masks by Draw(seed, name, {epoch, sample, view})
};

// Named numbers for the metrics of a run.
using Scalars = std::vector<std::pair<std::string, double>>;

using Metrics = std::vector<std::pair<std::string, at::Tensor>>;

class Task : public torch::nn::Module, public Plugin {
 public:
  static constexpr const char* kKind = "task";

  virtual int64_t view_count() const { return 1; }
  virtual bool needs_labels() const { return false; }

  // Makes the modules, with undefined weights. `classes` of the data set, 0 = unlabeled.
  virtual void build(model::Backbone& backbone, const image::ViewShape& input, int64_t classes) = 0;
};

struct LocalLoss {
  at::Tensor per_sample;  // [n]
  Metrics metrics;        // each [n], without graph; the trainer reports their mean
};

class LocalTask : public Task {
 public:
  virtual LocalLoss loss(model::Backbone& backbone, const Views& views) = 0;
};

struct GlobalLoss {
  at::Tensor sum;     // scalar: over the anchors asked for
  double weight = 0;  // what the sum over all anchors is divided by, this part's share of it
  Metrics metrics;    // each a scalar: a sum that is divided by the same weight
};

class GlobalTask : public Task {
 public:
  // [n, E]: all views of a sample in one row.
  virtual at::Tensor embed(model::Backbone& backbone, const Views& views) = 0;

  // The loss of anchor samples [first, last) among all embeddings [B, E]. The sum over a partition
  // of the samples is the loss of the batch.
  virtual GlobalLoss loss(const at::Tensor& embeddings, int64_t first, int64_t last) = 0;
};

}  // namespace espalier::pretext

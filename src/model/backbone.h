// A backbone is an ordered list of named stages; a cut lies after any of them.
//
//   auto backbone = Registry<model::Backbone>::create("resnet18");
//   backbone->build({3, 32, 32}, Norm::kBatch);
//   Features map = backbone->forward({images}, 0, 3);          // stages 0, 1, 2
//   Features same = backbone->forward(map, 3, backbone->stage_count());
//
// Law: forward(x, 0, n) then forward(., n, L) equals forward(x, 0, L) bit for bit. Stages are views
// over modules, whose parameter names are torchvision's (or timm's) where such a model exists.
// Plug-in kind "backbone", one file each.
#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "core/registry.h"
#include "image/batch.h"
#include "model/norm.h"

namespace espalier::model {

// What flows between stages: [N, C, H, W] images or maps, [N, T, D] tokens, or [N, D] vectors.
struct Features {
  at::Tensor values;
};

class Backbone : public torch::nn::Module, public Plugin {
 public:
  static constexpr const char* kKind = "backbone";

  // What model.norm "auto" means here: batch, group or none.
  virtual Norm own_norm() const { return Norm::kBatch; }

  // Makes the modules, with undefined weights (tensor::initialise sets them). `norm` is batch,
  // group or none; throws kUsage for an input that is too small.
  virtual void build(const image::ViewShape& input, Norm norm) = 0;

  virtual std::vector<std::string> stages() const = 0;
  int64_t stage_count() const { return static_cast<int64_t>(stages().size()); }

  // The direct children that make up a stage: its parameters are theirs.
  virtual std::vector<std::string> stage_modules(int64_t stage) const = 0;

  // Stages [from, to).
  Features forward(Features x, int64_t from, int64_t to);

  // From now on stages [0, stages) do not change: they stay in evaluation mode whatever train()
  // says, run without a graph, and their parameters require no gradient.
  void freeze(int64_t stages);

  // From now on training keeps the input of a stage alone, and computes the stage again in
  // backward.
  void recompute_stages(bool on) { recompute_ = on; }
  void train(bool on = true) override;

 protected:
  virtual Features forward_stage(int64_t stage, const Features& x) = 0;

 private:
  Features run_stage(int64_t stage, const Features& x);

  int64_t frozen_ = 0;
  bool recompute_ = false;
};

// One vector a sample, [N, D]: maps are averaged over space, tokens over tokens, vectors stay.
at::Tensor pooled(const Features& features);

// Shape without N of what each stage of a built backbone gives for one image: {{32, 15, 15}, ...,
// {64}}.
std::vector<std::vector<int64_t>> stage_shapes(Backbone& backbone, const image::ViewShape& input);

// The stage that parameter or buffer `name` of the backbone belongs to.
int64_t stage_of(const Backbone& backbone, const std::string& name);

}  // namespace espalier::model

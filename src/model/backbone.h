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

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/registry.h"
#include "image/batch.h"
#include "model/norm.h"
#include "tensor/init.h"

namespace espalier::model {

// What flows between stages: [N, C, H, W] images or maps, [N, T, D] tokens, or [N, D] vectors.
struct Features {
  at::Tensor values;
  // What drop path is drawn by in training, with the place in the network. Without one nothing is
  // dropped, as in a teacher.
  std::optional<uint64_t> drop_key = {};
  // Of images that a backbone of patches takes:
  at::Tensor kept = {};        // i64 [N, K]: only these patches become tokens, in this order
  at::Tensor masked = {};      // bool [N, P]: these patches' embeddings are replaced by mask_token
  at::Tensor mask_token = {};  // [D]
};

// How a backbone cuts an image into patches, row by row; each becomes a token.
struct Patches {
  int64_t side = 1;  // pixels
  int64_t rows = 1, columns = 1;
  int64_t width = 1;  // D of a token
  int64_t count() const { return rows * columns; }
};

class Backbone : public torch::nn::Module, public Plugin {
 public:
  static constexpr const char* kKind = "backbone";

  // What model.norm "auto" means here: batch, group or none.
  virtual Norm own_norm() const { return Norm::kBatch; }
  // Likewise model.init.
  virtual tensor::InitScheme own_init() const { return tensor::InitScheme::kHeNormal; }

  // With its options by default, build() takes images whose sides have at least so many pixels.
  virtual int64_t smallest_input() const { return 18; }

  // Makes the modules, with undefined weights (tensor::initialise sets them). `norm` is batch,
  // group or none; throws kUsage for an input that is too small.
  virtual void build(const image::ViewShape& input, Norm norm) = 0;

  // Called once initial weights are drawn: for parameters that begin with another value.
  virtual void weights_drawn() {}

  // Of a backbone of patches, for images of `input`. Nothing where it is one of maps, which ignores
  // kept, masked and mask_token.
  virtual std::optional<Patches> patches(const image::ViewShape& /*input*/) const { return {}; }
  // Tokens before the first patch's: a class token, registers.
  virtual int64_t prefix_tokens() const { return 0; }

  virtual std::vector<std::string> stages() const = 0;
  int64_t stage_count() const { return static_cast<int64_t>(stages().size()); }

  // What makes up a stage: names of modules ("conv1", "blocks.3") and of parameters ("cls_token").
  virtual std::vector<std::string> stage_modules(int64_t stage) const = 0;

  // Stages [from, to).
  Features forward(Features x, int64_t from, int64_t to);

  // One vector per image, [N, D], of what any stage gives: maps are averaged over space, tokens
  // over patches unless the backbone has a class token, vectors stay.
  virtual at::Tensor pooled(const at::Tensor& values) const;
  // pooled() of all stages.
  at::Tensor represent(Features images);

  // From now on `stage` does not change: it stays in evaluation mode whatever train() says, and its
  // parameters require no gradient. Stages before the first that is not frozen run without a graph.
  void freeze_stage(int64_t stage);
  // The same for stages [0, stages).
  void freeze(int64_t stages);

  // From now on represent(), and forward() from stage 0, are handed what stages [0, cut) give, as
  // the images of a batch are (view_of()), and run the other stages alone: a network whose first
  // stages do not change learns from features that were computed before. `shape` is that of one
  // sample's features (stage_shapes()). begin_at(0) takes images again.
  void begin_at(int64_t cut, std::vector<int64_t> shape = {});

  // Features of stages [0, from) through stages [from, to), without a graph, each sample by itself:
  // its bits depend on no other sample, nor on how many there are, nor on which cuts the way is
  // broken at. Maps are channels-last. The stages are in evaluation mode.
  at::Tensor each_alone(const at::Tensor& features, int64_t from, int64_t to);

  // From now on training keeps the input of a stage alone, and computes the stage again in
  // backward.
  void recompute_stages(bool on) { recompute_ = on; }
  void train(bool on = true) override;

 protected:
  // The values that `stage` gives.
  virtual at::Tensor forward_stage(int64_t stage, const Features& x) = 0;

 private:
  Features run_stage(int64_t stage, const Features& x);
  at::Tensor from_view(const at::Tensor& values) const;

  std::set<int64_t> frozen_;
  int64_t begin_ = 0;
  std::vector<int64_t> begin_shape_;  // of one sample
  bool recompute_ = false;
};

// Shape without N of what each stage of a built backbone gives for one image: {{32, 15, 15}, ...,
// {64}}.
std::vector<std::vector<int64_t>> stage_shapes(Backbone& backbone, const image::ViewShape& input);

// How features of shape `shape` lie in a batch of images, channels last, in the order that they have
// in memory: a map [C, H, W] as it is, tokens [T, D] as D channels of T x 1, a vector [D] as D
// channels of 1 x 1.
image::ViewShape view_of(const std::vector<int64_t>& shape);

// The stage that parameter or buffer `name` of the backbone belongs to.
int64_t stage_of(const Backbone& backbone, const std::string& name);

}  // namespace espalier::model

// A network with trained weights and what it takes to show it images, wherever it comes from: a run
// of pretrain (train/trained_run.h), an exported backbone, a fitted model.
//
//   const TrainedModel model = TrainedModel::of(BackboneFile::open("runs/rotation"), path);
//   const at::Tensor x = model.input_of(image, "cat.jpg");
//   const at::Tensor vectors = model.features(x, model.last_cut);
//
// It computes in f32 on the host, in evaluation mode and without a graph. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/backbone_file.h"
#include "engine/evaluate.h"
#include "image/image.h"

namespace espalier::engine {

// The packed set that a run measures itself on; no folder = none.
struct OwnTestSet {
  std::string folder, name;  // name: for messages, "data.test"
  double holdout = 0;        // above 0: the part that data.holdout kept back, drawn by `seed`
  int64_t seed = 0;
};

struct TrainedModel {
  std::string path;  // where it was opened
  std::shared_ptr<model::Backbone> backbone;
  int64_t last_cut = 0;  // stages that were trained, or used: all, or fewer below a fitted head
  std::shared_ptr<torch::nn::Module> head;  // what stands on them; null where there is none
  // [N, C, H, W] -> logits [N, classes]; empty where the network knows no classes.
  std::function<at::Tensor(const at::Tensor& x)> scores;
  std::vector<std::string> classes;  // of `scores`
  image::ViewShape input;
  augment::AugmentOptions augment;  // evaluate, mean and std
  int64_t step = 0;                 // steps that it was trained for
  std::string data_hash;            // of the set that it was trained on
  OwnTestSet test_set;
  tensor::InitScheme init = tensor::InitScheme::kAuto;  // by which untrained weights are drawn
  std::optional<augment::Pipeline> view = {};  // the first one of the training, where it is known

  // Of a backbone without classes.
  static TrainedModel of(const BackboneFile& file, const std::string& path);

  // The pipeline that images go through; messages call it --evaluate, as verbs do.
  augment::Pipeline evaluation() const;
  // kUsage, with what to try, where there are none.
  void require_classes() const;

  // What the network takes of an image, [1, C, H, W]. kUsage, naming the image, where it does not
  // fit.
  at::Tensor input_of(const image::Image& image, const std::string& name) const;
  // The same of the samples of a packed set; `set` outlives the pass.
  Pass pass(const data::Dataset& set) const;

  // Of several inputs as one batch: f64 [N, classes] on the host, each row sums to 1.
  at::Tensor probabilities(const std::vector<at::Tensor>& inputs) const;
  // f32 [N, D] on the host: pooled features of the first `cut` stages.
  at::Tensor features(const at::Tensor& x, int64_t cut) const;
  // Of a selection, in its order; calls progress(rows done) as they come.
  at::Tensor features(const data::Dataset& set, const data::Selection& selection, int64_t cut,
                      const std::function<void(int64_t)>& progress) const;
};

}  // namespace espalier::engine

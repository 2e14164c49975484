// An exported backbone: its weights, and what a transfer must know of them. What pretraining leaves
// for others.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/given_weights.h"
#include "engine/network.h"
#include "engine/run_folder.h"
#include "model/model_options.h"

namespace espalier::engine {

struct BackboneFile {
  std::string path;  // as open() was given it
  std::string sha256;
  tensor::TensorMap weights;  // parameters and buffers by their own names
  std::vector<std::string> stages;
  image::ViewShape input;
  std::vector<double> mean, std;  // normalisation travels with the backbone
  std::string evaluate;           // the pipeline its run looked at images through
  model::ModelOptions model;
  std::string model_text;  // section `model`, complete
  // Where it came from: "" and 0 where its .json does not tell.
  std::string task;
  int64_t steps = 0, seed = 0;
  // open() does not ask for these.
  std::string data_hash;
  std::vector<std::string> classes;  // of the training set, in the order of its numbers
  Parent parent;                     // whose weights it began with
  std::vector<Parent> teachers;      // whose features it learnt
  config::Document document;

  // `path` is a run folder, or a .safetensors file with its .json beside it. kUsage when there is
  // none; kData when the bytes are not those that the .json names or do not fit the network.
  static BackboneFile open(const std::filesystem::path& path);

  // Writes backbone.safetensors (names without "backbone.") and backbone.json into the folder of a
  // run: the facts above but path, sha256, weights and stages, which are those of `network`.
  void write(const RunFolder& folder, model::Backbone& network) const;

  // A backbone of the same modules, with undefined weights.
  std::shared_ptr<model::Backbone> make() const { return model.make(document, input); }
};

// Parameters and buffers of stages [0, stages).
tensor::TensorMap stages_state(const model::Backbone& backbone, int64_t stages);

// Of names and bytes.
std::string sha256_of(const tensor::TensorMap& tensors);

}  // namespace espalier::engine

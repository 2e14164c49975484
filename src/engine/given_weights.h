// Weights that a backbone begins with instead of drawn ones: of an earlier run, of timm, of
// torchvision, of Hugging Face.
//
//   const GivenWeights given = GivenWeights::open("resnet50.pth");
//   const std::set<std::string> names = given.give(*backbone, {3, 224, 224}, /*stages=*/0);
//
// Names are the backbone's own, which are torchvision's or timm's; a prefix that all share
// ("module.", "backbone.") is dropped. Heads are left out. A first convolution for another number
// of channels is adapted as timm does it (`adapt_input_conv`): to one channel the filters are
// summed, to C they are repeated, cut to C and multiplied by old / C, so that a grey image gives
// what it gave before. Positions of patches that were learnt for a square image of another size are
// resampled as timm does it (`resample_abs_pos_embed`: bicubic, with antialiasing). Anything else
// that does not match is an error.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "model/backbone.h"
#include "tensor/safetensors.h"

namespace espalier::engine {

// Of the section `model`: how a run begins.
struct WeightsOptions {
  std::string weights;
  int64_t weights_stages = 0, warmup_steps = 0;
  double weights_lr_factor = 1;
  Fields fields();
};

// What given weights say of themselves; empty where they do not.
struct Parent {
  std::string path, sha256, licence;
  std::vector<double> mean, std;  // what images were normalised by
  std::string task;               // that goes on where it stopped; empty = one begins

  // "path", "sha256" and what else is known, as an object; null where there is no parent.
  std::string json() const;
};

// A list of such objects.
std::string json_of(const std::vector<Parent>& parents);

struct GivenWeights {
  Parent parent;
  std::string model;  // section `model` that makes their backbone; empty = they do not say
  tensor::TensorMap weights;
  // Of the run that they come from: its task, the hash of its set, and the state of the task in the
  // checkpoint. Empty where it is none or the checkpoint is gone.
  std::string task, data_hash;
  std::filesystem::path task_file;

  // RUN (that has ended), RUN@STEP (a checkpoint), a file .safetensors or .pth (a state dict of
  // Python), or a folder that timm or Hugging Face wrote. kUsage when there is none, kData when it
  // cannot be read.
  static GivenWeights open(const std::string& source);
  // The same before any weight is read: without weights and parent.sha256.
  static GivenWeights look_at(const std::string& source);

  // Copies the weights of stages [0, stages) into the backbone, built for `input`; 0 = of all.
  // Returns the names of the parameters that were given. kUsage, with the nearest names, when names
  // or shapes do not match.
  std::set<std::string> give(model::Backbone& backbone, const image::ViewShape& input,
                             int64_t stages) const;
};

// Warns where the images of a run, normalised by `mean` and `std`, are not what `parent` knows.
void compare_normalisation(const Parent& parent, const std::vector<double>& mean,
                           const std::vector<double>& std);

}  // namespace espalier::engine

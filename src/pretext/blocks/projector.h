// The multilayer perceptron on top of a backbone: the projector, and the predictor on top of that.
#pragma once

#include <torch/nn/modules/container/sequential.h>

#include <vector>

namespace espalier::pretext {

enum class Activation { kRelu, kGelu };

// What follows the last layer: nothing, batch normalisation, or batch normalisation without scale
// and shift.
enum class LastNorm { kNone, kBatch, kBatchPlain };

struct ProjectorShape {
  std::vector<int64_t> widths;  // of the hidden layers, and last of what comes out
  bool hidden_norm = true;      // batch normalisation in front of every activation
  LastNorm last_norm = LastNorm::kNone;
  bool last_bias = true;  // no layer has a bias in front of a normalisation, which takes it away
  Activation activation = Activation::kRelu;
};

// [N, input] -> [N, widths.back()]: linear, normalisation, activation, ..., linear, with undefined
// weights. Batch normalisation is model/batch_norm.h: with model.norm_sync local over a lane, with
// global over the whole batch.
torch::nn::Sequential make_projector(int64_t input, const ProjectorShape& shape);

}  // namespace espalier::pretext

#include "pretext/blocks/projector.h"

#include <torch/torch.h>

#include "model/batch_norm.h"

namespace espalier::pretext {
namespace {

void add_linear(torch::nn::Sequential& layers, int64_t from, int64_t to, bool bias) {
  layers->push_back(torch::nn::Linear(torch::nn::LinearOptions(from, to).bias(bias)));
}

void add_norm(torch::nn::Sequential& layers, int64_t width, bool affine) {
  layers->push_back(model::BatchNorm1d(torch::nn::BatchNormOptions(width).affine(affine)));
}

}  // namespace

torch::nn::Sequential make_projector(int64_t input, const ProjectorShape& shape) {
  torch::nn::Sequential layers;
  for (size_t i = 0; i + 1 < shape.widths.size(); ++i) {
    add_linear(layers, input, shape.widths[i], !shape.hidden_norm);
    if (shape.hidden_norm) add_norm(layers, shape.widths[i], true);
    if (shape.activation == Activation::kRelu)
      layers->push_back(torch::nn::ReLU());
    else
      layers->push_back(torch::nn::GELU());
    input = shape.widths[i];
  }
  const int64_t width = shape.widths.back();
  add_linear(layers, input, width, shape.last_bias && shape.last_norm == LastNorm::kNone);
  if (shape.last_norm != LastNorm::kNone)
    add_norm(layers, width, shape.last_norm == LastNorm::kBatch);
  return layers;
}

}  // namespace espalier::pretext

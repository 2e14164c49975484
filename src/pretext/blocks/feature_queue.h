// A queue of features of the latest images: the dictionary of MoCo (He et al., "Momentum contrast
// for unsupervised visual representation learning", CVPR 2020, section 3.1), the support set of
// NNCLR.
//
//   queue_ = register_module("queue", FeatureQueue(4096, width, "moco_v2"));
//   ... queue_->rows() ...                             // in run() or compare()
//   return queue_->put(batch.detached);                // in after_step()
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <string_view>

#include "pretext/task.h"

namespace espalier::pretext {

// Its tensors are as those of Task::register_state: put() alone changes them, one storage serves
// all replicas, and they are in the checkpoint.
class FeatureQueueImpl : public torch::nn::Module {
 public:
  // At first `length` directions of norm 1, drawn by `name`.
  FeatureQueueImpl(int64_t length, int64_t width, std::string_view name);

  // [length, width], in no order that means anything.
  const at::Tensor& rows() const { return rows_; }
  int64_t length() const { return rows_.size(0); }
  // Whether no row of the first ones is left.
  bool full() const;

  // Replaces the oldest rows by these, of which the last count where there are more than `length`.
  // Gives for the log how many rows were put, and the age of the oldest one in steps of this size.
  Scalars put(const at::Tensor& rows);

 private:
  at::Tensor rows_;    // [length, width]
  at::Tensor places_;  // [2]: where the next row goes, rows that were put
};
TORCH_MODULE(FeatureQueue);

}  // namespace espalier::pretext

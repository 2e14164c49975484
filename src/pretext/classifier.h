// What a task that knows the data's own classes adds: scores for each of them, so that it can be
// validated and used.
#pragma once

#include "pretext/task.h"

namespace espalier::pretext {

class Classifier {
 public:
  virtual ~Classifier() = default;

  // [N, C, H, W] -> logits [N, classes].
  virtual at::Tensor predict(model::Backbone& backbone, const at::Tensor& x) = 0;
};

}  // namespace espalier::pretext

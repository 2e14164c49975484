// What a task that predicts hidden pixels adds: pictures of what it was shown and of what it
// answers, for people (hook sheets).
#pragma once

#include "pretext/task.h"

namespace espalier::pretext {

// Images [n, C, H, W], normalised as views are; what makes no whole patch may be cut off at the
// right and below.
struct Reconstruction {
  at::Tensor shown;   // hidden pixels are 0
  at::Tensor output;  // the same, with what the task predicts in the place of hidden pixels
};

class Reconstructs {
 public:
  virtual ~Reconstructs() = default;

  // Of the images of a lane, hidden where run() hides them. Without a graph.
  virtual Reconstruction reconstruct(model::Backbone& backbone, const LaneInput& input) = 0;
};

}  // namespace espalier::pretext

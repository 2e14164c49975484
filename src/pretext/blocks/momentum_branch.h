// The teacher of BYOL and MoCo: a backbone and a projector that follow the student's.
#pragma once

#include <torch/nn/modules/container/sequential.h>

#include <memory>

#include "pretext/blocks/projector.h"
#include "pretext/task.h"

namespace espalier::pretext {

class MomentumBranch {
 public:
  MomentumBranch() = default;
  // Its modules are children of `task`: "teacher" and "teacher_projector".
  MomentumBranch(Task& task, const Site& site, const ProjectorShape& shape);

  // [N, C, H, W] -> [N, D], without a graph.
  at::Tensor embed(const at::Tensor& images);

  // As pretext::begin_as and pretext::follow.
  void begin_as(const model::Backbone& backbone, const torch::nn::Sequential& projector);
  void follow(const model::Backbone& backbone, const torch::nn::Sequential& projector,
              double momentum);

 private:
  std::shared_ptr<model::Backbone> backbone_;
  torch::nn::Sequential projector_{nullptr};
};

}  // namespace espalier::pretext

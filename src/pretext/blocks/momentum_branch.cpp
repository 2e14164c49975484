#include "pretext/blocks/momentum_branch.h"

#include <torch/torch.h>

#include "pretext/blocks/momentum_encoder.h"

namespace espalier::pretext {

MomentumBranch::MomentumBranch(Task& task, const Site& site, const ProjectorShape& shape)
    : backbone_(task.register_module("teacher", site.another_backbone())),
      projector_(task.register_module("teacher_projector", make_projector(site.width(), shape))) {
  make_teacher(*backbone_);
  make_teacher(*projector_);
}

at::Tensor MomentumBranch::embed(const at::Tensor& images) {
  const torch::NoGradGuard no_grad;
  return projector_->forward(backbone_->represent({images}));
}

void MomentumBranch::begin_as(const model::Backbone& backbone,
                              const torch::nn::Sequential& projector) {
  pretext::begin_as(*backbone_, backbone);
  pretext::begin_as(*projector_, *projector);
}

void MomentumBranch::follow(const model::Backbone& backbone, const torch::nn::Sequential& projector,
                            double momentum) {
  pretext::follow(*backbone_, backbone, momentum);
  pretext::follow(*projector_, *projector, momentum);
}

}  // namespace espalier::pretext

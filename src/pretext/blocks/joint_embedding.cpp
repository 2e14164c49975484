#include "pretext/blocks/joint_embedding.h"

#include <torch/torch.h>

#include "pretext/blocks/many_views.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {

JointEmbedding::JointEmbedding(ProjectorShape shape)
    : shape_(std::move(shape)), hidden_(shape_.widths.front()), dimension_(shape_.widths.back()) {}

Fields JointEmbedding::fields() {
  return {
      {"hidden",
       &hidden_,
       {.min = 1, .max = 65536, .unit = "units", .help = "width of the projector's hidden layers"}},
      {"dimension",
       &dimension_,
       {.min = 1, .max = 65536, .unit = "units", .help = "width D of the embedding z"}}};
}

void JointEmbedding::build(const Site& site) {
  shape_.widths.assign(shape_.widths.size(), hidden_);
  shape_.widths.back() = dimension_;
  projector_ = register_module("projector", make_projector(site.width(), shape_));
}

LaneOutput JointEmbedding::run(model::Backbone& backbone, const LaneInput& input) {
  const torch::Tensor z = projector_->forward(represent_views(backbone, input));
  return {.embeddings = side_by_side(z, view_count())};
}

}  // namespace espalier::pretext

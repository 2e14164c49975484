#include "transfer/head.h"

#include <torch/torch.h>

namespace espalier::transfer {

void Head::build(const pretext::Site& site) {
  check(site.classes >= 2, Kind::kUsage, "a head needs at least two classes, the data have {}",
        site.classes);
  const int64_t stages = depth(site.backbone.stage_count());
  const auto shape =
      model::stage_shapes(site.backbone, site.input())[static_cast<size_t>(stages - 1)];
  make(shape, shape.size() == 2 ? shape[1] : shape[0], site.classes);
}

pretext::LaneOutput Head::run(model::Backbone& backbone, const pretext::LaneInput& input) {
  const model::Features x = input.features(input.views[0]);
  const at::Tensor scores =
      logits(backbone, backbone.forward(x, 0, depth(backbone.stage_count())).values);
  const at::Tensor losses =
      torch::cross_entropy_loss(scores, input.labels, {}, at::Reduction::None);
  const at::Tensor right = scores.detach().argmax(1).eq(input.labels).to(losses.scalar_type());
  return {.losses = losses, .metrics = {{"accuracy", right}}};
}

at::Tensor Head::predict(model::Backbone& backbone, const at::Tensor& x) {
  return logits(backbone, backbone.forward({x}, 0, depth(backbone.stage_count())).values);
}

}  // namespace espalier::transfer

#include "pretext/blocks/many_views.h"

#include <torch/torch.h>

namespace espalier::pretext {

at::Tensor encode_views(const LaneInput& input, int64_t first, int64_t last,
                        const std::function<at::Tensor(const at::Tensor&)>& encode) {
  std::vector<at::Tensor> rows, alike;
  for (int64_t view = first; view < last; ++view) {
    const auto at = static_cast<size_t>(view);
    alike.push_back(input.views[at]);
    if (view + 1 < last && input.views[at + 1].sizes() == input.views[at].sizes()) continue;
    rows.push_back(encode(torch::cat(alike)));
    alike.clear();
  }
  return torch::cat(rows);
}

at::Tensor represent_views(model::Backbone& backbone, const LaneInput& input) {
  int64_t pass = 0;
  return encode_views(
      input, 0, static_cast<int64_t>(input.views.size()),
      [&](const at::Tensor& images) { return backbone.represent(input.features(images, pass++)); });
}

}  // namespace espalier::pretext

#include "pretext/blocks/many_views.h"

#include <torch/torch.h>

namespace espalier::pretext {

at::Tensor represent_views(model::Backbone& backbone, const LaneInput& input) {
  std::vector<at::Tensor> rows;
  for (size_t first = 0; first < input.views.size();) {
    size_t last = first + 1;
    while (last < input.views.size() && input.views[last].sizes() == input.views[first].sizes())
      ++last;
    const std::vector<at::Tensor> group(input.views.begin() + static_cast<std::ptrdiff_t>(first),
                                        input.views.begin() + static_cast<std::ptrdiff_t>(last));
    rows.push_back(backbone.represent(
        input.features(torch::cat(group), /*pass=*/static_cast<int64_t>(rows.size()))));
    first = last;
  }
  return torch::cat(rows);
}

}  // namespace espalier::pretext

// Tasks with several views, whose sizes may differ (global and local crops).
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "pretext/task.h"

namespace espalier::pretext {

// What `encode` makes of views [first, last), view by view. Neighbours of one size go through it
// together.
at::Tensor encode_views(const LaneInput& input, int64_t first, int64_t last,
                        const std::function<at::Tensor(const at::Tensor&)>& encode);

// [views * n, D]: the pooled features of all views of a lane, view by view.
at::Tensor represent_views(model::Backbone& backbone, const LaneInput& input);

}  // namespace espalier::pretext

// Tasks with several views, whose sizes may differ (global and local crops).
#pragma once

#include <ATen/core/Tensor.h>

#include "pretext/task.h"

namespace espalier::pretext {

// [views * n, D], view by view: what the backbone says of all views of a lane. Neighbouring views
// of one size go through it together.
at::Tensor represent_views(model::Backbone& backbone, const LaneInput& input);

}  // namespace espalier::pretext

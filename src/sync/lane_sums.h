// Small sums and gathers over the lanes of all ranks, outside of the gradient
// (sync/gradient_sum.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "comm/communicator.h"
#include "sync/lanes.h"

namespace espalier::sync {

// Collective. The sum of a tensor of each lane: `own` are those of this rank's lanes, dense, of
// equal shape and type (f32 or f64); they are overwritten. `exact` follows the tree (on the host
// only); otherwise each rank sums its lanes and the communicator sums ranks in its own order.
at::Tensor sum_of_lanes(comm::Communicator& comm, const LanePlan& plan, std::vector<at::Tensor> own,
                        bool exact);

// Collective. The rows of all lanes in lane order: `own` [n count(), ...] are those of this rank's
// lanes, n each.
at::Tensor rows_of_lanes(comm::Communicator& comm, const LanePlan& plan, const at::Tensor& own);

// The name that communicators have for a tensor's type. kBug for one they do not carry.
comm::DataType data_type_of(const at::Tensor& tensor);

}  // namespace espalier::sync

// Turns the batch of the host into tensors, once.
#pragma once

#include <ATen/core/Tensor.h>

#include "image/batch.h"

namespace espalier::tensor {

// Samples [first, first + count) of one view as [count, C, H, W] of `type` on `device`. A copy with
// its own aligned memory, so that bits do not depend on where in the batch a lane begins.
[[nodiscard]] at::Tensor to_tensor(const image::Slab& slab, int64_t first, int64_t count,
                                   at::ScalarType type, c10::Device device);

// The same of bytes [count * format.bytes()] that already lie on a device: new memory there, and
// the host does not wait.
at::Tensor to_tensor(const image::SlabFormat& format, const at::Tensor& bytes, int64_t count,
                     at::ScalarType type);

// What the host has made, with the type and device of `like`. The host does not wait for the
// device.
at::Tensor to_like(const at::Tensor& host, const at::Tensor& like);

// i64 [values.size()] on `device`.
[[nodiscard]] at::Tensor to_tensor(const std::vector<int64_t>& values, c10::Device device);

}  // namespace espalier::tensor

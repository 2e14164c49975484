#include "tensor/convert.h"

#include <ATen/ATen.h>

namespace espalier::tensor {

at::Tensor to_tensor(const image::Slab& slab, int64_t first, int64_t count, at::ScalarType type,
                     c10::Device device) {
  const image::ViewShape& shape = slab.shape;
  // from_blob takes a mutable pointer; the view is only read, by the copy.
  float* values = const_cast<float*>(slab.values.data()) + first * shape.values();
  const at::Tensor view =
      at::from_blob(values, {count, shape.channels, shape.height, shape.width}, at::kFloat);
  return view.to(at::TensorOptions().dtype(type).device(device), /*non_blocking=*/false,
                 /*copy=*/true, at::MemoryFormat::ChannelsLast);
}

at::Tensor to_tensor(const std::vector<int64_t>& values, c10::Device device) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
}

}  // namespace espalier::tensor

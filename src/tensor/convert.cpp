#include "tensor/convert.h"

#include <ATen/ATen.h>

namespace espalier::tensor {

at::Tensor to_tensor(const image::Slab& slab, int64_t first, int64_t count, at::ScalarType type,
                     c10::Device device) {
  const auto& [channels, height, width] = slab.format.shape;
  const bool last = slab.format.layout == image::Layout::kNhwc;
  const std::vector<int64_t> strides = {channels * height * width, last ? 1 : height * width,
                                        width * (last ? channels : 1), last ? channels : 1};
  // from_blob takes a mutable pointer; the view is only read, by the copy.
  std::byte* values = const_cast<std::byte*>(slab.sample(first));
  const at::Tensor view =
      at::from_blob(values, {count, channels, height, width}, strides,
                    slab.format.type == image::Type::kF32 ? at::kFloat : at::kBFloat16);
  return view.to(at::TensorOptions().dtype(type).device(device), /*non_blocking=*/false,
                 /*copy=*/true, at::MemoryFormat::ChannelsLast);
}

at::Tensor to_tensor(const std::vector<int64_t>& values, c10::Device device) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
}

}  // namespace espalier::tensor

#include "tensor/convert.h"

#include <ATen/ATen.h>

namespace espalier::tensor {

namespace {

at::ScalarType type_of(const image::SlabFormat& format) {
  return format.type == image::Type::kF32 ? at::kFloat : at::kBFloat16;
}

std::vector<int64_t> strides_of(const image::SlabFormat& format) {
  const auto& [channels, height, width] = format.shape;
  const bool last = format.layout == image::Layout::kNhwc;
  return {channels * height * width, last ? 1 : height * width, width * (last ? channels : 1),
          last ? channels : 1};
}

}  // namespace

at::Tensor to_tensor(const image::Slab& slab, int64_t first, int64_t count, at::ScalarType type,
                     c10::Device device) {
  const auto& [channels, height, width] = slab.format.shape;
  // from_blob takes a mutable pointer; the view is only read, by the copy.
  std::byte* values = const_cast<std::byte*>(slab.sample(first));
  const at::Tensor view = at::from_blob(values, {count, channels, height, width},
                                        strides_of(slab.format), type_of(slab.format));
  return view.to(at::TensorOptions().dtype(type).device(device), /*non_blocking=*/false,
                 /*copy=*/true, at::MemoryFormat::ChannelsLast);
}

at::Tensor to_tensor(const image::SlabFormat& format, const at::Tensor& bytes, int64_t count,
                     at::ScalarType type) {
  const auto& [channels, height, width] = format.shape;
  const at::Tensor values = bytes.view(type_of(format));
  return values.as_strided({count, channels, height, width}, strides_of(format))
      .to(type, /*non_blocking=*/false, /*copy=*/true, at::MemoryFormat::ChannelsLast);
}

at::Tensor to_like(const at::Tensor& host, const at::Tensor& like) {
  if (!like.is_cuda()) return host.to(like.options());
  return host.to(like.scalar_type()).pin_memory().to(like.options(), /*non_blocking=*/true);
}

at::Tensor to_tensor(const std::vector<int64_t>& values, c10::Device device) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
}

}  // namespace espalier::tensor

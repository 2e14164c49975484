#include "tensor/precision.h"

#include <ATen/autocast_mode.h>

#include "core/error.h"

namespace espalier::tensor {

bool cpu_computes_bf16() {
  __builtin_cpu_init();
#if defined(__clang__)
  return __builtin_cpu_supports("avx512bf16");
#else
  return __builtin_cpu_supports("avx512bf16") || __builtin_cpu_supports("amx-bf16");
#endif
}

void require_precision(Precision precision, c10::Device device) {
  check(precision != Precision::kBf16 || !device.is_cpu() || cpu_computes_bf16(), Kind::kUsage,
        "train.precision is bf16, which a CPU computes well only with AVX-512-BF16 or AMX; this "
        "one has neither (try: train.precision=f32)");
}

at::ScalarType weight_type(Precision precision) {
  return precision == Precision::kF64 ? at::kDouble : at::kFloat;
}

Autocast::Autocast(Precision precision, c10::DeviceType device)
    : device_(device), active_(precision == Precision::kBf16 || precision == Precision::kFp16) {
  if (!active_) return;
  was_enabled_ = at::autocast::is_autocast_enabled(device_);
  previous_type_ = at::autocast::get_autocast_dtype(device_);
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::set_autocast_dtype(device_,
                                   precision == Precision::kBf16 ? at::kBFloat16 : at::kHalf);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!active_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, was_enabled_);
  at::autocast::set_autocast_dtype(device_, previous_type_);
}

}  // namespace espalier::tensor

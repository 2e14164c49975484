// The number types a run may compute in.
//
//   f64   everything in double: for checks of gradients
//   f32   everything in float
//   bf16  weights and reductions in float, matrix products and convolutions in bfloat16 (LibTorch's
//         autocast)
//   fp16  the same in half precision, whose range is small: the loss is scaled (optim/loss_scale.h)
//
// auto is settled before anything is computed.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include "core/names.h"

namespace espalier::tensor {

enum class Precision { kAuto, kF64, kF32, kBf16, kFp16 };
constexpr auto names_of(Precision) {
  using enum Precision;
  return names<Precision>(
      {{kAuto, "auto"}, {kF64, "f64"}, {kF32, "f32"}, {kBf16, "bf16"}, {kFp16, "fp16"}});
}

// Whether this processor has instructions for bf16.
bool cpu_computes_bf16();

// Throws kUsage where `device` cannot compute it well: bf16 on a CPU without AVX-512-BF16 or AMX
// runs 10 to 25 times slower than f32.
void require_precision(Precision precision, c10::Device device);

// The type of weights, gradients and running statistics.
at::ScalarType weight_type(Precision precision);

// While one lives, the forward pass of this thread runs in the reduced type; nothing for f64 and
// f32.
class Autocast {
 public:
  [[nodiscard]] Autocast(Precision precision, c10::DeviceType device);
  ~Autocast();
  Autocast(const Autocast&) = delete;

 private:
  c10::DeviceType device_;
  bool active_;
  bool was_enabled_ = false;
  at::ScalarType previous_type_ = at::kFloat;
};

}  // namespace espalier::tensor

#include "comm/arithmetic.h"

#include <bit>

namespace espalier::comm {
namespace {

template <typename T>
void add_as(void* into, const void* from, int64_t count) {
  T* sum = static_cast<T*>(into);
  const T* term = static_cast<const T*>(from);
  for (int64_t i = 0; i < count; ++i) sum[i] = static_cast<T>(sum[i] + term[i]);
}

template <float (*widen)(uint16_t), uint16_t (*narrow)(float)>
void add_16_bit(void* into, const void* from, int64_t count) {
  uint16_t* sum = static_cast<uint16_t*>(into);
  const uint16_t* term = static_cast<const uint16_t*>(from);
  for (int64_t i = 0; i < count; ++i) sum[i] = narrow(widen(sum[i]) + widen(term[i]));
}

}  // namespace

void add(void* into, const void* from, int64_t count, DataType type) {
  switch (type) {
    case DataType::u8:
      return add_as<uint8_t>(into, from, count);
    case DataType::i64:
      return add_as<uint64_t>(into, from, count);  // unsigned: it may wrap
    case DataType::bf16:
      return add_16_bit<bf16_to_float, float_to_bf16>(into, from, count);
    case DataType::f16:
      return add_16_bit<f16_to_float, float_to_f16>(into, from, count);
    case DataType::f32:
      return add_as<float>(into, from, count);
    case DataType::f64:
      return add_as<double>(into, from, count);
  }
}

float bf16_to_float(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

uint16_t float_to_bf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>(bits >> 16 | 0x40);  // NaN
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float f16_to_float(uint16_t half) {
  const uint32_t sign = (half & 0x8000u) << 16;
  const uint32_t exponent = half & 0x7c00u;
  uint32_t bits = (half & 0x7fffu) << 13;
  if (exponent == 0x7c00u) {
    bits += (255u - 31) << 23;  // infinity or NaN
  } else if (exponent == 0) {   // zero or subnormal: mantissa * 2^-24
    bits = std::bit_cast<uint32_t>(static_cast<float>(half & 0x3ffu) * 0x1p-24f);
  } else {
    bits += (127u - 15) << 23;
  }
  return std::bit_cast<float>(sign | bits);
}

uint16_t float_to_f16(float value) {
  const uint32_t all = std::bit_cast<uint32_t>(value);
  const uint32_t sign = all >> 16 & 0x8000u;
  uint32_t bits = all & 0x7fffffffu;
  if (bits > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u);   // NaN
  if (bits >= 0x47800000u) return static_cast<uint16_t>(sign | 0x7c00u);  // 65536 and above
  if (bits < 0x38800000u) {  // below 2^-14: adding 0.5 lets the float unit round to steps of 2^-24
    const float shifted = std::bit_cast<float>(bits) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000u));
  }
  bits -= (127u - 15) << 23;
  bits += 0xfffu + (bits >> 13 & 1);
  return static_cast<uint16_t>(sign | bits >> 13);
}

}  // namespace espalier::comm

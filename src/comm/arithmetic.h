// Sums of elements of every DataType, on the host.
#pragma once

#include <cstdint>

#include "comm/communicator.h"

namespace espalier::comm {

// into[i] += from[i]. Integers wrap; bf16 and f16 are added in f32 and rounded to nearest even at
// once.
void add(void* into, const void* from, int64_t count, DataType type);

float bf16_to_float(uint16_t bits);
uint16_t float_to_bf16(float value);
float f16_to_float(uint16_t bits);
uint16_t float_to_f16(float value);

}  // namespace espalier::comm

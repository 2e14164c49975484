// Whether a communicator can be trusted: every operation on small integers, which all types hold
// exactly, against what must come out. Used by `espalier doctor`, `espalier bench comm` and the
// tests of every communicator.
#pragma once

#include <cstdint>

#include "comm/communicator.h"
#include "comm/device_staging.h"

namespace espalier::comm {

// Collective. Throws kBug naming the operation, the element and both values; for at most 16 ranks
// all types are checked to the last bit, above that those that hold the sums. The elements lie in
// blocks of `memory`: one of a GPU's (comm/device_staging.h) where the communicator is NCCL's.
void check_communicator(Communicator& comm, int64_t count, DataType type,
                        const Staging* memory = nullptr);

inline constexpr DataType kDataTypes[] = {DataType::u8,  DataType::i64, DataType::bf16,
                                          DataType::f16, DataType::f32, DataType::f64};

}  // namespace espalier::comm

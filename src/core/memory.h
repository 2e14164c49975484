// How much memory is available, and how much this process uses.
#pragma once

#include <cstdint>

namespace espalier {

// Bytes that can be allocated without swapping (MemAvailable), within the limits of the job's
// control group and of the process's address space. The page cache counts as available.
[[nodiscard]] int64_t available_memory();

// Bytes of this process that are in memory now, and their highest number since the start or the
// last reset_peak_memory(). 0 where the system does not report them.
int64_t resident_memory();
int64_t peak_memory();
void reset_peak_memory();

}  // namespace espalier

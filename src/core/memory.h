// How much memory there is, and how much this process has had.
#pragma once

#include <cstdint>

namespace espalier {

// Bytes that can be had without swapping (MemAvailable), within what the control group of the job
// and the limit of the process's address space allow. The page cache can be had.
int64_t available_memory();

// Bytes of this process that are in memory now, and the most there were since the start or the last
// reset_peak_memory(). 0 where the system does not tell.
int64_t resident_memory();
int64_t peak_memory();
void reset_peak_memory();

}  // namespace espalier

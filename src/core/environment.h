// The environment variables that computing must not see.
//
// Variables of the thread, math and codec libraries (OMP_*, MKL_*, ONEDNN_*, ...) silently change
// the bits of an exact run, or make it hang. They are removed from the environment of this process
// before any library reads it, so that the configuration alone decides: parallel.lane_threads, and
// the instruction set that all ranks agreed on. This is done once, before main and before the
// constructors of shared libraries, in every program that links this file.
#pragma once

#include <string>
#include <vector>

namespace espalier {

// The removed variables, as they were written: {"OMP_NUM_THREADS=4", "MKL_CBWR=COMPATIBLE"}.
// ONEDNN_VERBOSE and MKL_VERBOSE only print and are kept.
std::vector<std::string> ignored_environment();

// Logs one line that names them; logs nothing where there are none.
void log_ignored_environment();

}  // namespace espalier

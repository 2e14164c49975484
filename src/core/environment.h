// The environment variables that computing must not see.
//
// Variables of the thread, math and codec libraries (OMP_*, MKL_*, ONEDNN_*, ...) change the bits
// of an exact run, or let it hang, and nobody notices. They are taken out of the environment of
// this process before any library reads it, so that what decides is the configuration alone:
// parallel.lane_threads and the instruction set that all ranks agreed on. Done once, before main
// and before the constructors of shared libraries, in every program that links this file.
#pragma once

#include <string>
#include <vector>

namespace espalier {

// What was taken out, as it was written: {"OMP_NUM_THREADS=4", "MKL_CBWR=COMPATIBLE"}.
// ONEDNN_VERBOSE and MKL_VERBOSE only print, and stay.
std::vector<std::string> ignored_environment();

// One line of the log that names them; nothing where there are none.
void log_ignored_environment();

}  // namespace espalier

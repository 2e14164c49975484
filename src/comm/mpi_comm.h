// Ranks as MPI processes.
//
// MPI_THREAD_MULTIPLE is asked for. Every MPI call is made under one lock, so MPI_THREAD_SERIALIZED
// is as good; where MPI grants less, only the thread that called start() may communicate, and
// another one is refused with kUsage.
//
// Operations are non-blocking ones of MPI; a wait polls them (MPI_Test), the alarm and the
// deadline, first spinning, then sleeping. The alarm is a communicator of its own, on which raise()
// sends {kind, text} to every peer. After an alarm or a missed deadline requests stay with MPI: all
// the process may do is leave (World::exit).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "comm/communicator.h"

namespace espalier::comm::mpi {

// Elements in one MPI call; an operation on more is cut into several.
inline constexpr int64_t kLargestCount = int64_t{1} << 30;

// MPI_Init_thread; once in a process.
void start(int& argc, char**& argv);
// MPI_Finalize.
void finish();
bool started();

// Collective. All ranks; `largest_count` is lowered by tests to reach the cutting with small
// buffers.
std::unique_ptr<Communicator> world(int64_t largest_count = kLargestCount);

// Collective, if the others come too: true when every rank called it within `seconds`. Hears no
// alarm.
bool meet(double seconds);

// For ranks that leave because of a failure: tells all others that this one is alive, and returns,
// in order, the ranks that have not told so within `seconds`.
std::vector<int> roll_call(double seconds);

// Ends every rank of the job.
[[noreturn]] void abort(int exit_code);

std::string version();       // "Open MPI 4.1.4"; needs no start()
std::string thread_level();  // "multiple", "serialized", "funneled", "single"; needs start()

}  // namespace espalier::comm::mpi

// Ranks as MPI processes.
//
// MPI_THREAD_MULTIPLE is asked for. Every MPI call is made under one lock, so MPI_THREAD_SERIALIZED
// is as good: a second thread may use a duplicate. Where MPI grants less, concurrent() is false:
// only the thread that called start() may communicate, another one is refused with kUsage, and
// there are no heartbeats: a rank is then taken for lost when it is busy for longer than the
// deadline.
//
// Operations are non-blocking ones of MPI, large sums are Espalier's own (comm/mpi_sum.h); a wait
// polls them (MPI_Test), the alarm and the
// deadlines, first spinning, then sleeping. The alarm is a communicator of its own, on which
// raise() sends {kind, text} to every peer. A wait that fails does not return: the process leaves
// from inside it, so that no buffer is freed which MPI may still write.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "comm/communicator.h"

namespace espalier::comm::mpi {

// Elements in one MPI call; an operation on more is cut into several.
inline constexpr int64_t kLargestCount = int64_t{1} << 30;

// MPI_Init_thread; once in a process.
void start(int& argc, char**& argv);
// Collective. MPI_Finalize.
void finish();
bool started();

// Collective. All ranks; `largest_count` is lowered by tests to reach the cutting with small
// buffers.
std::unique_ptr<Communicator> world(int64_t largest_count = kLargestCount);

// One heartbeat of this rank (comm/heartbeat.h): hears alarms, tells progress. Does nothing while
// another thread communicates.
void beat();

// Ends the process when every rank came here within `seconds`, in order; otherwise as after the
// failure of a peer.
[[noreturn]] void leave_together(int exit_code, double seconds);

std::string version();       // "Open MPI v4.1.4"; needs no start()
std::string thread_level();  // "multiple", "serialized", "funneled", "single"; needs start()

}  // namespace espalier::comm::mpi

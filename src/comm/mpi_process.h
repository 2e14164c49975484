// What this process has of MPI; private to the mpi_*.cpp files, the only sources that see mpi.h.
#pragma once

#define OMPI_SKIP_MPICXX 1  // no C++ bindings: they would need another library
#include <mpi.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"

namespace espalier::comm::mpi {

using Requests = std::vector<MPI_Request>;

// What a rank tells the others on every beat.
struct Beat {
  int64_t progress = 0;  // progress_count()
  int64_t last = 0;      // 1: this rank takes part in no further beat, nor does any other
};

struct Process {
  std::recursive_mutex mutex;  // held around every MPI call
  std::thread::id first_thread;
  int level = MPI_THREAD_SINGLE;
  int rank = 0, size = 1;
  std::vector<std::string> hosts;  // by rank
  MPI_Comm alarm = MPI_COMM_NULL, exit = MPI_COMM_NULL, beat = MPI_COMM_NULL;
  std::string raised;  // our alarm; MPI reads it until the process ends
  std::string calls;   // by rank: what the roll call has received; likewise
  std::atomic<int> exit_code{static_cast<int>(Kind::kPeer)};  // where MPI ends the process

  // The beat under way, and what the one before brought.
  MPI_Request beating = MPI_REQUEST_NULL;
  Beat mine;
  std::vector<Beat> beats, beats_before;
  double beat_began = 0;
  bool ending = false, beats_over = false;
  std::atomic<double> heard_all{0};  // when the last beat of all ranks ended, by awake_seconds()
  std::atomic<int64_t> peers_progress{0};
};

// Never destroyed: MPI may still write into it when the process ends.
Process& process();

// The right to call MPI. kUsage from a second thread where MPI grants only one.
std::unique_lock<std::recursive_mutex> lock();
bool granted();  // whether this thread may call MPI

// Leaves with kPeer and MPI's text when `code` is a failure; throws it where MPI has not started.
void check_mpi(int code, const std::string& what);

// Leaves when an alarm has arrived.
void hear();

// Leaves when no beat of all ranks has ended for `deadline` seconds.
void require_beats(double deadline, const std::string& what);

// Polls until `is_done`, or gives up when `give_up` says so: false. Both are called under the lock;
// sums under way (mpi_sum.h) are advanced.
bool poll(const std::function<bool()>& is_done, const std::function<bool()>& give_up);
// Likewise until all requests are done, giving up after `seconds`.
bool poll(Requests& requests, const std::string& what, double seconds);
// Under the lock: whether all are.
bool are_done(Requests& requests, const std::string& what);

// Ends this process with the kind of `error` as exit code, never unwinding: buffers that MPI may
// write stay where they are. Logs the error; tells it to the others where `tell`; waits a moment
// for them to leave too, and ends those that do not. Any thread, with or without the lock.
[[noreturn]] void leave(const Error& error, bool tell);

// Takes part in the next beat.
void advance_beat();

}  // namespace espalier::comm::mpi

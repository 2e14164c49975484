// What this process has of MPI; private to mpi_comm.cpp and mpi_process.cpp, the only sources that
// see mpi.h.
#pragma once

#define OMPI_SKIP_MPICXX 1  // no C++ bindings: they would need another library
#include <mpi.h>

#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"

namespace espalier::comm::mpi {

using Requests = std::vector<MPI_Request>;

struct Process {
  std::mutex mutex;  // held around every MPI call
  std::thread::id first_thread;
  int level = MPI_THREAD_SINGLE;
  MPI_Comm alarm = MPI_COMM_NULL, exit = MPI_COMM_NULL;
  MPI_Op add_bf16 = MPI_OP_NULL, add_f16 = MPI_OP_NULL;
  std::optional<Error> heard;  // what a peer raised, or this rank did
  std::string raised;          // our alarm; MPI reads it until the process ends
  std::string calls;           // by rank: what roll_call() has received; likewise
};

Process& process();

// The right to call MPI. kUsage from a second thread where MPI grants only one.
std::unique_lock<std::mutex> lock();

// Throws kPeer with MPI's text when `code` is a failure.
void check_mpi(int code, const std::string& what);

// Under the lock. Takes in an alarm that has arrived; throws the one that was heard.
void hear();

// Without the lock. Polls until all requests are done, and says false when `deadline` seconds
// passed; where `alarmed`, throws what a peer raised.
bool wait_for(Requests& requests, double deadline, const std::string& what, bool alarmed);

}  // namespace espalier::comm::mpi

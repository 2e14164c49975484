#include "comm/mpi_process.h"

#include <sched.h>
#include <unistd.h>

#include "comm/arithmetic.h"
#include "comm/mpi_comm.h"
#include "core/clock.h"

namespace espalier::comm::mpi {
namespace {

// One rank has a core to itself, as a rule, and most waits are short: spin, then give the core
// away, then sleep.
void pause(double waited_seconds) {
  if (waited_seconds < 50e-6) return;
  if (waited_seconds < 500e-6) {
    sched_yield();
  } else {
    usleep(waited_seconds < 50e-3 ? 20 : 200);
  }
}

template <DataType type>
void add_operation(void* from, void* into, int* count, MPI_Datatype*) {
  add(into, from, *count, type);
}

}  // namespace

Process& process() {
  static Process instance;
  return instance;
}

std::unique_lock<std::mutex> lock() {
  check(process().level >= MPI_THREAD_SERIALIZED ||
            std::this_thread::get_id() == process().first_thread,
        Kind::kUsage,
        "this MPI grants '{}' thread support, so only one thread may communicate "
        "(try: an MPI built with MPI_THREAD_MULTIPLE)",
        thread_level());
  return std::unique_lock(process().mutex);
}

void check_mpi(int code, const std::string& what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error(Kind::kPeer, "{} failed: {}", what, text);
}

void hear() {
  Process& mpi = process();
  int arrived = 0;
  MPI_Status status;
  if (!mpi.heard && mpi.alarm != MPI_COMM_NULL)
    check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, 0, mpi.alarm, &arrived, &status), "MPI_Iprobe");
  if (arrived) {
    int bytes = 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    std::string text(static_cast<size_t>(bytes), '\0');
    check_mpi(
        MPI_Recv(text.data(), bytes, MPI_BYTE, status.MPI_SOURCE, 0, mpi.alarm, MPI_STATUS_IGNORE),
        "MPI_Recv of an alarm");
    mpi.heard = Error(static_cast<Kind>(text.at(0)), "{}", text.substr(1));
  }
  if (mpi.heard) throw Error(*mpi.heard);
}

bool wait_for(Requests& requests, double deadline, const std::string& what, bool alarmed) {
  const Stopwatch watch;
  for (int64_t turn = 0;; ++turn) {
    {
      const auto guard = lock();
      int done = 0;
      check_mpi(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done,
                            MPI_STATUSES_IGNORE),
                what);
      if (done) return true;
      if (alarmed && turn % 16 == 15) hear();
    }
    const double waited = watch.seconds();
    if (waited > deadline) return false;
    pause(waited);
  }
}

void start(int& argc, char**& argv) {
  Process& mpi = process();
  mpi.first_thread = std::this_thread::get_id();
  check_mpi(MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &mpi.level), "MPI_Init_thread");
  check(mpi.level >= MPI_THREAD_FUNNELED, Kind::kUsage,
        "this MPI grants no thread support at all (try: an MPI built with MPI_THREAD_MULTIPLE)");
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &mpi.alarm), "MPI_Comm_dup");
  check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &mpi.exit), "MPI_Comm_dup");
  MPI_Op_create(&add_operation<DataType::bf16>, 1, &mpi.add_bf16);
  MPI_Op_create(&add_operation<DataType::f16>, 1, &mpi.add_f16);
}

void finish() {
  const auto guard = lock();
  MPI_Op_free(&process().add_bf16);
  MPI_Op_free(&process().add_f16);
  MPI_Finalize();
}

bool started() { return process().exit != MPI_COMM_NULL; }

bool meet(double seconds) {
  Requests requests(1);
  {
    const auto guard = lock();
    if (MPI_Ibarrier(process().exit, requests.data()) != MPI_SUCCESS) return false;
  }
  return wait_for(requests, seconds, "leaving", false);
}

std::vector<int> roll_call(double seconds) {
  Process& mpi = process();
  int rank = 0, size = 1;
  MPI_Comm_rank(mpi.exit, &rank);
  MPI_Comm_size(mpi.exit, &size);
  mpi.calls.assign(static_cast<size_t>(size), 0);
  mpi.calls[static_cast<size_t>(rank)] = 1;
  Requests requests;
  {
    const auto guard = lock();
    for (int peer = 0; peer < size; ++peer) {
      if (peer == rank) continue;
      MPI_Irecv(&mpi.calls[peer], 1, MPI_CHAR, peer, 0, mpi.exit, &requests.emplace_back());
      MPI_Isend(&mpi.calls[rank], 1, MPI_CHAR, peer, 0, mpi.exit, &requests.emplace_back());
    }
  }
  wait_for(requests, seconds, "roll call", false);
  std::vector<int> missing;
  for (int peer = 0; peer < size; ++peer)
    if (mpi.calls[peer] == 0) missing.push_back(peer);
  return missing;
}

void abort(int exit_code) {
  MPI_Abort(MPI_COMM_WORLD, exit_code);
  _exit(exit_code);
}

std::string version() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string all(text, static_cast<size_t>(length));  // "Open MPI v4.1.4, package: ..."
  return all.substr(0, all.find(','));
}

std::string thread_level() {
  switch (process().level) {
    case MPI_THREAD_MULTIPLE:
      return "multiple";
    case MPI_THREAD_SERIALIZED:
      return "serialized";
    case MPI_THREAD_FUNNELED:
      return "funneled";
    default:
      return "single";
  }
}

}  // namespace espalier::comm::mpi

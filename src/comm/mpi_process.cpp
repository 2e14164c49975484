#include "comm/mpi_process.h"

#include <sched.h>
#include <unistd.h>

#include <cstdlib>

#include "comm/heartbeat.h"
#include "comm/mpi_comm.h"
#include "comm/mpi_sum.h"
#include "comm/operation.h"
#include "comm/topology.h"
#include "core/clock.h"
#include "core/log.h"

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

// Where all ranks are, for messages.
void gather_hosts() {
  constexpr int kLongest = 64;
  Process& mpi = process();
  std::string mine = host_name(), all(static_cast<size_t>(mpi.size) * kLongest, '\0');
  mine.resize(kLongest);
  check_mpi(MPI_Allgather(mine.data(), kLongest, MPI_CHAR, all.data(), kLongest, MPI_CHAR,
                          MPI_COMM_WORLD),
            "MPI_Allgather");
  for (int rank = 0; rank < mpi.size; ++rank)
    mpi.hosts.emplace_back(all.substr(static_cast<size_t>(rank) * kLongest, kLongest).c_str());
}

// exit() is never called by Espalier once MPI has started, but MPI does: in MPI_Abort, and when the
// launcher is gone. Threads still run then, so statics must not be destroyed.
void leave_at_once() { _exit(process().exit_code); }

}  // namespace

Process& process() {
  static auto* const instance = new Process;
  return *instance;
}

bool granted() {
  return process().level >= MPI_THREAD_SERIALIZED ||
         std::this_thread::get_id() == process().first_thread;
}

std::unique_lock<std::recursive_mutex> lock() {
  check(granted(), Kind::kUsage,
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
  const Error error(Kind::kPeer, "{}: {} failed: {}", rank_text(process().rank), what, text);
  if (started()) leave(error, /*tell=*/true);
  throw error;
}

bool are_done(Requests& requests, const std::string& what) {
  int done = 0;
  check_mpi(
      MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE),
      what);
  return done != 0;
}

bool poll(const std::function<bool()>& is_done, const std::function<bool()>& give_up) {
  const Stopwatch watch;
  for (int64_t turn = 0;; ++turn) {
    {
      const auto guard = lock();
      Sum::advance_all();
      if (is_done()) return true;
      if (turn % 16 == 15 && give_up()) return false;
    }
    pause(watch.seconds());
  }
}

bool poll(Requests& requests, const std::string& what, double seconds) {
  const double since = awake_seconds();
  return poll([&] { return are_done(requests, what); },
              [&] { return awake_seconds() - since > seconds; });
}

void start(int& argc, char**& argv) {
  Process& mpi = process();
  mpi.first_thread = std::this_thread::get_id();
  check_mpi(MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &mpi.level), "MPI_Init_thread");
  check(mpi.level >= MPI_THREAD_FUNNELED, Kind::kUsage,
        "this MPI grants no thread support at all (try: an MPI built with MPI_THREAD_MULTIPLE)");
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, &mpi.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &mpi.size);
  gather_hosts();
  for (MPI_Comm* comm : {&mpi.alarm, &mpi.beat, &mpi.exit})
    check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, comm), "MPI_Comm_dup");
  mpi.beats.resize(static_cast<size_t>(mpi.size));
  mpi.beats_before = mpi.beats;
  mpi.heard_all = awake_seconds();
  std::atexit(leave_at_once);
  if (mpi.level < MPI_THREAD_SERIALIZED && mpi.rank == 0)
    log::warning(
        "espalier",
        "this MPI grants '{}' thread support: only the thread that computes communicates, and "
        "a rank that works alone for longer than train.deadline_seconds is taken for lost "
        "(try: an MPI built with MPI_THREAD_MULTIPLE)",
        thread_level());
}

void finish() {
  Process& mpi = process();
  const auto guard = lock();
  mpi.ending = true;  // all ranks take part in one beat more, and no other begins
  while (mpi.level >= MPI_THREAD_SERIALIZED && !mpi.beats_over) {
    advance_beat();
    sched_yield();
  }
  MPI_Finalize();
}

bool started() { return process().exit != MPI_COMM_NULL; }

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

// How a rank leaves: after an alarm, a failure of its own, and in order.
#include <fmt/ranges.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "comm/heartbeat.h"
#include "comm/mpi_comm.h"
#include "comm/mpi_process.h"
#include "comm/operation.h"
#include "core/log.h"

namespace espalier::comm::mpi {
namespace {

constexpr double kLeaveSeconds = 10;
constexpr double kRollCallSeconds = 3;  // a peer hears of a failure within a beat
constexpr double kAbortSeconds = 0.5;   // MPI_Abort waits to be killed, by Open MPI after a second

// One thread leaves; any other that comes here waits for the end of the process.
void come_first(int exit_code) {
  static std::atomic<bool> leaving{false};
  static thread_local bool first = false;
  if (first) _exit(exit_code);  // MPI failed on the way out
  while (leaving.exchange(true)) ::pause();
  first = true;
  process().exit_code = exit_code;
  // The launcher ends the others as soon as the first is gone: each with its own exit code.
  signal(SIGTERM, [](int) { _exit(process().exit_code); });
}

// Whatever blocks meanwhile: MPI_Finalize and MPI_Abort take no deadline, nor does a full pipe.
void exit_in(double seconds, int exit_code) {
  try {
    std::thread([seconds, exit_code] {
      std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
      _exit(exit_code);
    }).detach();
  } catch (const std::system_error&) {  // no thread to be had: the launcher must do
  }
}

// The lock, unless a thread is stuck inside MPI. Never given back.
bool take_mpi() {
  if (!granted()) return false;
  for (int turn = 0; turn < 1000; ++turn) {
    if (process().mutex.try_lock()) return true;
    usleep(1000);
  }
  return false;
}

void tell_all(const Error& error) {
  constexpr size_t kLongest = 2000;  // sent eagerly: the receiver need not wait for it
  Process& mpi = process();
  mpi.raised = std::string(1, static_cast<char>(error.kind())) + error.what();
  mpi.raised.resize(std::min(mpi.raised.size(), kLongest));
  for (int peer = 0; peer < mpi.size; ++peer) {
    if (peer == mpi.rank) continue;
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Isend(mpi.raised.data(), static_cast<int>(mpi.raised.size()), MPI_BYTE, peer, 0, mpi.alarm,
              &request);
  }
}

// Tells all others that this rank leaves; the ranks, in order, that have not told so within
// kRollCallSeconds.
std::vector<int> roll_call() {
  Process& mpi = process();
  mpi.calls.assign(static_cast<size_t>(mpi.size), 0);
  mpi.calls[static_cast<size_t>(mpi.rank)] = 1;
  Requests requests;
  for (int peer = 0; peer < mpi.size; ++peer) {
    if (peer == mpi.rank) continue;
    MPI_Irecv(&mpi.calls[peer], 1, MPI_CHAR, peer, 0, mpi.exit, &requests.emplace_back());
    MPI_Isend(&mpi.calls[mpi.rank], 1, MPI_CHAR, peer, 0, mpi.exit, &requests.emplace_back());
  }
  poll(requests, "roll call", kRollCallSeconds);
  std::vector<int> missing;
  for (int peer = 0; peer < mpi.size; ++peer)
    if (mpi.calls[peer] == 0) missing.push_back(peer);
  return missing;
}

// Returns when all ranks but the missing ones are about to leave: the launcher ends whoever is left
// a second after the first has gone.
void leave_alike(const std::vector<int>& missing) {
  Process& mpi = process();
  Requests requests;
  for (int peer = 0; peer < mpi.size; ++peer) {
    if (peer == mpi.rank || std::ranges::count(missing, peer) > 0) continue;
    MPI_Irecv(&mpi.calls[peer], 1, MPI_CHAR, peer, 1, mpi.exit, &requests.emplace_back());
    MPI_Isend(&mpi.calls[mpi.rank], 1, MPI_CHAR, peer, 1, mpi.exit, &requests.emplace_back());
  }
  poll(requests, "leaving", kRollCallSeconds);
}

// The lowest rank that is alive says which are not; then all leave. mpirun ends the missing ones
// when it sees a rank leave with a failure; srun has to be asked. MPI_Abort gives others no time to
// leave with an exit code of their own.
[[noreturn]] void end(int exit_code) {
  const Process& mpi = process();
  const std::vector<int> missing = roll_call();
  const size_t below = static_cast<size_t>(mpi.rank);
  const bool lowest =
      mpi.rank == 0 || (missing.size() >= below && missing[below - 1] == mpi.rank - 1);
  if (missing.empty()) _exit(exit_code);
  if (lowest) {
    std::vector<std::string> names;
    for (int rank : missing)
      names.push_back(fmt::format("rank {} on {}", rank, mpi.hosts[static_cast<size_t>(rank)]));
    log::error("espalier", "not heard of: {}", fmt::join(names, ", "));
  }
  leave_alike(missing);
  if (lowest && std::getenv("OMPI_MCA_orte_hnp_uri") == nullptr) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    exit_in(kAbortSeconds, exit_code);
    MPI_Abort(MPI_COMM_WORLD, exit_code);
  }
  _exit(exit_code);
}

}  // namespace

void hear() {
  Process& mpi = process();
  int arrived = 0;
  MPI_Status status;
  check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, 0, mpi.alarm, &arrived, &status), "MPI_Iprobe");
  if (!arrived) return;
  int bytes = 0;
  MPI_Get_count(&status, MPI_BYTE, &bytes);
  std::string text(static_cast<size_t>(bytes), '\0');
  check_mpi(
      MPI_Recv(text.data(), bytes, MPI_BYTE, status.MPI_SOURCE, 0, mpi.alarm, MPI_STATUS_IGNORE),
      "MPI_Recv of an alarm");
  leave(Error(static_cast<Kind>(text.at(0)), "{}", text.substr(1)), /*tell=*/false);
}

void leave(const Error& error, bool tell) {
  come_first(error.exit_code());
  exit_in(kLeaveSeconds, error.exit_code());
  log::error("espalier", "{}", error.what());
  std::fflush(nullptr);
  if (!take_mpi()) _exit(error.exit_code());
  if (tell) tell_all(error);
  end(error.exit_code());
}

void leave_together(int exit_code, double seconds) {
  Process& mpi = process();
  std::fflush(nullptr);
  Requests requests(1);
  {
    const auto guard = lock();
    check_mpi(MPI_Ibarrier(mpi.exit, requests.data()), "leaving");
  }
  const bool together = poll(requests, "leaving", seconds);
  if (!together && exit_code == 0) exit_code = static_cast<int>(Kind::kPeer);
  come_first(exit_code);
  exit_in(kLeaveSeconds, exit_code);
  if (!take_mpi()) _exit(exit_code);
  if (!together) end(exit_code);
  finish();
  _exit(exit_code);
}

}  // namespace espalier::comm::mpi

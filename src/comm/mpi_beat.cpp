// The heartbeat over MPI: one small all-gather after another, each begun when every rank has come
// to the one before. While one rank is silent none ends, which all others see; the roll call tells
// which.
#include <algorithm>

#include "comm/heartbeat.h"
#include "comm/mpi_comm.h"
#include "comm/mpi_process.h"
#include "comm/mpi_sum.h"
#include "comm/operation.h"
#include "core/activity.h"

namespace espalier::comm::mpi {
namespace {

// A beat is a message from every rank to every rank: at most a thousand a second for each.
double interval() { return std::max(0.1, 1e-3 * process().size); }

void take_in() {
  Process& mpi = process();
  mpi.heard_all = awake_seconds();
  for (int rank = 0; rank < mpi.size; ++rank) {
    const size_t r = static_cast<size_t>(rank);
    if (rank != mpi.rank && mpi.beats[r].progress != mpi.beats_before[r].progress)
      ++mpi.peers_progress;
    mpi.beats_over |= mpi.beats[r].last != 0;
  }
  mpi.beats_before = mpi.beats;
}

}  // namespace

void advance_beat() {
  Process& mpi = process();
  if (mpi.beating != MPI_REQUEST_NULL) {
    int done = 0;
    check_mpi(MPI_Test(&mpi.beating, &done, MPI_STATUS_IGNORE), "heartbeat");
    if (!done) return;
    take_in();
  }
  const double now = awake_seconds();
  if (mpi.beats_over || (!mpi.ending && now - mpi.beat_began < interval())) return;
  mpi.beat_began = now;
  mpi.mine = {progress_count(), mpi.ending};
  check_mpi(MPI_Iallgather(&mpi.mine, sizeof(Beat), MPI_BYTE, mpi.beats.data(), sizeof(Beat),
                           MPI_BYTE, mpi.beat, &mpi.beating),
            "heartbeat");
}

void beat() {
  Process& mpi = process();
  if (mpi.level < MPI_THREAD_SERIALIZED || mpi.size == 1) return;
  const std::unique_lock guard(mpi.mutex, std::try_to_lock);
  if (!guard || mpi.ending) return;
  hear();
  advance_beat();
  Sum::advance_all();
}

void require_beats(double deadline, const std::string& what) {
  Process& mpi = process();
  if (mpi.level < MPI_THREAD_SERIALIZED || mpi.size == 1 || mpi.beats_over) return;
  if (awake_seconds() - mpi.heard_all <= deadline) return;
  leave(Error(Kind::kPeer,
              "{} has heard no heartbeat of all ranks for {} s, in {}: a rank is dead, stopped or "
              "cut off (try: the last log line of each rank)",
              rank_text(mpi.rank), deadline, what),
        /*tell=*/true);
}

}  // namespace espalier::comm::mpi

#include "comm/world.h"

#include <fmt/ranges.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "comm/mpi_comm.h"
#include "comm/thread_comm.h"
#include "core/log.h"

namespace espalier::comm {
namespace {

constexpr double kLeaveInOrderSeconds = 600;  // success: a peer may still be writing its last file
constexpr double kLeaveAgreedSeconds = 10;
constexpr double kRollCallSeconds = 3;  // a peer hears of a failure at its next wait

bool launched_by_mpi() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMIX_RANK"})
    if (std::getenv(name) != nullptr) return true;
  return false;
}

// The first of `names` that the launcher set.
int from_environment(std::initializer_list<const char*> names, int otherwise) {
  for (const char* name : names)
    if (const char* value = std::getenv(name)) return std::atoi(value);
  return otherwise;
}

// Whatever MPI_Finalize and MPI_Abort, which take no deadline, do meanwhile.
void exit_in(double seconds, int exit_code) {
  std::thread([seconds, exit_code] {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    _exit(exit_code);
  }).detach();
}

// After a failure. The lowest rank that is alive says which are not.
bool all_answer(int rank) {
  const std::vector<int> missing = mpi::roll_call(kRollCallSeconds);
  const size_t below = static_cast<size_t>(rank);
  const bool lowest = rank == 0 || (missing.size() >= below && missing[below - 1] == rank - 1);
  if (lowest && !missing.empty())
    log::error("espalier", "not heard of: rank {}", fmt::join(missing, ", "));
  return missing.empty();
}

}  // namespace

World::World(int& argc, char**& argv) : mpi_(launched_by_mpi()) {
  if (!mpi_) {
    control_ = std::move(thread_communicators(1).front());
    return;
  }
  mpi::start(argc, argv);
  control_ = mpi::world();
}

World::~World() {
  control_.reset();
  if (mpi_) mpi::finish();
}

void World::exit(int exit_code, bool agreed) {
  std::fflush(nullptr);
  if (mpi_) {
    const bool together =
        agreed ? mpi::meet(exit_code == 0 ? kLeaveInOrderSeconds : kLeaveAgreedSeconds)
               : all_answer(control_->rank());
    exit_in(kLeaveAgreedSeconds, exit_code);
    if (!together) mpi::abort(exit_code);
    mpi::finish();
  }
  _exit(exit_code);
}

int local_rank() {
  return from_environment({"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"}, 0);
}

int local_size() { return from_environment({"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"}, 1); }

}  // namespace espalier::comm

#include "comm/world.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "comm/mpi_comm.h"
#include "comm/thread_comm.h"

namespace espalier::comm {
namespace {

constexpr double kLeaveInOrderSeconds = 600;  // success: a peer may still be writing its last file
constexpr double kLeaveAgreedSeconds = 10;

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

// How many ranks the launcher started, by the innermost one that says so; 0 where none does.
struct Launched {
  int ranks = 0;
  std::string variable;
};

Launched launched() {
  // Slurm: only a task of a step was started by srun. A batch script, too, has SLURM_NTASKS.
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS", "PALS_LOCAL_SIZE",
                           "SLURM_STEP_NUM_TASKS"})
    if (const char* value = std::getenv(name)) return {std::atoi(value), name};
  const char* tasks = std::getenv("SLURM_NTASKS");
  if (tasks != nullptr && std::getenv("SLURM_STEP_ID") != nullptr)
    return {std::atoi(tasks), "SLURM_NTASKS"};
  return {};
}

// Ends this process within a second after the launcher (mpirun, orted, slurmstepd) has gone:
// killed, or left by a second Ctrl-C. A program started by hand may well outlive its shell.
void leave_with_launcher() {
  std::thread([launcher = getppid()] {
    while (getppid() == launcher) std::this_thread::sleep_for(std::chrono::milliseconds(500));
    std::fputs("espalier: the launcher (mpirun or srun) has gone, so this rank ends\n", stderr);
    _exit(static_cast<int>(Kind::kPeer));
  }).detach();
}

}  // namespace

World::World(int& argc, char**& argv) : mpi_(launched_by_mpi()) {
  if (mpi_) {
    mpi::start(argc, argv);
    control_ = mpi::world();
    leave_with_launcher();
  } else {
    control_ = std::move(thread_communicators(1).front());
  }
  heartbeat_ = std::make_unique<Heartbeat>(mpi_ ? mpi::beat : [] {});
}

World::~World() = default;

void World::exit(int exit_code) {
  if (mpi_)
    mpi::leave_together(exit_code, exit_code == 0 ? kLeaveInOrderSeconds : kLeaveAgreedSeconds);
  std::fflush(nullptr);
  _exit(exit_code);
}

void require_launched_ranks(int ranks) {
  const Launched all = launched();
  if (all.ranks <= ranks) return;
  throw Error(
      Kind::kUsage,
      "the launcher started {} ranks ({}={}), but the MPI of this build, {}, sees {}: each "
      "would be a run of its own (try: srun --mpi=pmix, or the mpirun of that MPI; for runs "
      "that are meant to be separate: env -u {})",
      all.ranks, all.variable, all.ranks, mpi::version(), ranks, all.variable)
      .set_agreed();
}

int local_rank() {
  return from_environment(
      {"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "PALS_LOCAL_RANKID", "SLURM_LOCALID"}, 0);
}

int local_size() { return from_environment({"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"}, 1); }

}  // namespace espalier::comm

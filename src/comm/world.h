// The ranks this process was started among.
#pragma once

#include <memory>

#include "comm/communicator.h"
#include "comm/heartbeat.h"

namespace espalier::comm {

// Starts MPI when a launcher (mpirun, srun) started this process, else makes a world of one. Called
// once, in main, before any other thread. Ends in its destructor.
class World {
 public:
  World(int& argc, char**& argv);
  ~World();

  Communicator& control() { return *control_; }

  // Ends the process with `exit_code`, together with all ranks: after success and after an agreed
  // error. After one that only this rank knows, Communicator::raise() ends it.
  [[noreturn]] void exit(int exit_code);

 private:
  bool mpi_ = false;
  std::unique_ptr<Communicator> control_;
  std::unique_ptr<Heartbeat> heartbeat_;
};

// kUsage where the launcher's environment says that this process is one of several ranks and MPI
// has `ranks`, fewer: each would be a run of its own, and all would write into one folder.
void require_launched_ranks(int ranks);

// Rank among the processes of this node, and how many they are. From the launcher's environment; 0
// of 1 without.
int local_rank();
int local_size();

}  // namespace espalier::comm

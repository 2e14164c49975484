// The ranks this process was started among.
#pragma once

#include "comm/communicator.h"

namespace espalier::comm {

// Starts MPI when a launcher (mpirun, srun) started this process, else makes a world of one. Called
// once, in main, before any other thread. Ends in its destructor.
class World {
 public:
  World(int& argc, char**& argv);
  ~World();

  Communicator& control() { return *control_; }

  // Ends the process with `exit_code` so that no peer hangs: after an agreed error all ranks leave
  // in order; after one that only this rank knows, peers have heard it through raise() and are
  // given a moment to leave.
  [[noreturn]] void exit(int exit_code, bool agreed);

 private:
  std::unique_ptr<Communicator> control_;
  bool mpi_ = false;
};

// Rank among the processes of this node, and how many they are. From the launcher's environment; 0
// of 1 without.
int local_rank();
int local_size();

}  // namespace espalier::comm

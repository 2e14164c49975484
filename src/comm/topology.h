// Where this rank runs: its node, its cores, its GPU.
#pragma once

#include <string>

#include "comm/communicator.h"

namespace espalier::comm {

std::string host_name();

// Collective, once at start. Divides the cores of each machine among its ranks: core_share() of
// core/cores.h then holds for this rank.
void share_cores(Communicator& control);

// Collective. One warning when the launcher's binding leaves a rank fewer cores than it could use
// for `threads` threads: plain `mpirun -n 2` binds each rank to one core of however many.
void warn_of_binding(Communicator& control, int64_t threads);

// The GPU of this rank when its node has `devices`; -1 where there are none. kUsage when the node
// has more ranks than devices: two ranks may not share one.
int device_of_local_rank(int devices);

}  // namespace espalier::comm

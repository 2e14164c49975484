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

// Local. The GPU of this rank when its process sees `devices` of them; -1 where there are none. The
// ranks of a node take them in turn; one that is shown a single GPU (srun --gpus-per-task=1) takes
// that. Whether two ranks took the same one, require_own_device() knows.
int device_of_local_rank(int devices);

// Collective. kUsage, agreed, when another rank has the same GPU: `identity` is CudaModule's, or
// empty on a rank without one.
void require_own_device(Communicator& control, const std::string& identity);

}  // namespace espalier::comm

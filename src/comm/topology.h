// Where this rank runs: its node, its cores, its GPU.
#pragma once

#include <string>

namespace espalier::comm {

std::string host_name();

// Cores this process may use: the launcher's binding counts.
int allowed_cores();

// The GPU of this rank when its node has `devices`; -1 where there are none. kUsage when the node
// has more ranks than devices: two ranks may not share one.
int device_of_local_rank(int devices);

}  // namespace espalier::comm

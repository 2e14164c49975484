#include "comm/topology.h"

#include <sched.h>
#include <unistd.h>

#include <climits>

#include "comm/world.h"

namespace espalier::comm {

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = "";
  gethostname(name, HOST_NAME_MAX);
  return name;
}

int allowed_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0)  // more cores than a cpu_set_t holds
    return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  return CPU_COUNT(&cores);
}

int device_of_local_rank(int devices) {
  if (devices <= 0) return -1;
  check(local_size() <= devices && local_rank() < devices, Kind::kUsage,
        "{} has {} ranks but {} GPUs, and two ranks may not share one (try: mpirun --map-by "
        "ppr:{}:node, or train.device=cpu)",
        host_name(), local_size(), devices, devices);
  return local_rank();
}

}  // namespace espalier::comm

// The cores that this rank may compute with: one answer for lanes, loader threads, packing and
// sweeps.
//
// Ranks of one machine divide the CPUs that the launcher bound them to: a CPU that k ranks may use
// counts 1 / k for each. The CPU quota of a container or job (cgroup v1 and v2) is divided by the
// ranks that live under it. A process that was started alone is one rank.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace espalier {

struct CpuQuota {
  std::string cgroup;  // name of the control group, unique on a machine
  double cores = 0;
};

// What one rank sees of its machine.
struct MachineView {
  std::string machine;         // equal for all processes of one running kernel
  std::vector<int> bound;      // CPUs it may run on
  std::vector<int> available;  // CPUs it could run on without the launcher's binding
  std::vector<CpuQuota> quotas;

  std::string text() const;
  static MachineView parse(const std::string& text);
};

MachineView machine_view();

// The quotas that hold for a process: of its own group and of those above it. `root` is
// /sys/fs/cgroup, `membership` the contents of /proc/self/cgroup.
std::vector<CpuQuota> cpu_quotas(const std::filesystem::path& root, const std::string& membership);

struct CoreShare {
  int64_t cores = 1;    // at least 1
  int64_t unbound = 1;  // the same without the launcher's binding
};

// The share of `rank` when `ranks` are all of the job.
[[nodiscard]] CoreShare share_of_cores(const std::vector<MachineView>& ranks, size_t rank);

// The share of this rank. Until set_core_share() is called, once at the start (comm/topology.h), it
// is that of a process that runs alone.
const CoreShare& core_share();
void set_core_share(CoreShare share);

}  // namespace espalier

#include "core/memory.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace espalier {
namespace {

constexpr int64_t kUnknown = std::numeric_limits<int64_t>::max();

// "Name:  1234 kB" of a file of /proc, in bytes; 0 without it.
int64_t proc_bytes(const char* path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

// "name 1234" of a control group's memory.stat; 0 without it.
int64_t stat_bytes(const std::string& name) {
  std::ifstream file("/sys/fs/cgroup/memory.stat");
  int64_t number = 0;
  for (std::string word; file >> word >> number;) {
    if (word == name) return number;
  }
  return 0;
}

// What the limit of the address space (ulimit -v) leaves; kUnknown without one.
int64_t address_space_left() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kUnknown;
  return std::max<int64_t>(
      0, static_cast<int64_t>(limit.rlim_cur) - proc_bytes("/proc/self/status", "VmSize"));
}

// A number alone in a file; kUnknown when there is none ("max").
int64_t number_in(const char* path) {
  std::ifstream file(path);
  int64_t number = 0;
  return file >> number ? number : kUnknown;
}

}  // namespace

int64_t available_memory() {
  const int64_t system =
      std::min(proc_bytes("/proc/meminfo", "MemAvailable"), address_space_left());
  const int64_t limit = number_in("/sys/fs/cgroup/memory.max");
  const int64_t used = number_in("/sys/fs/cgroup/memory.current");
  if (limit == kUnknown || used == kUnknown) return system;
  const int64_t page_cache = stat_bytes("inactive_file") + stat_bytes("active_file");
  return std::clamp<int64_t>(limit - used + page_cache, 0, system);
}

int64_t resident_memory() { return proc_bytes("/proc/self/status", "VmRSS"); }
int64_t peak_memory() { return proc_bytes("/proc/self/status", "VmHWM"); }
void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << 5; }

}  // namespace espalier

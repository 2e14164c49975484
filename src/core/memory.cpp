#include "core/memory.h"

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

// A number alone in a file; kUnknown when there is none ("max").
int64_t number_in(const char* path) {
  std::ifstream file(path);
  int64_t number = 0;
  return file >> number ? number : kUnknown;
}

}  // namespace

int64_t available_memory() {
  const int64_t system = proc_bytes("/proc/meminfo", "MemAvailable");
  const int64_t limit = number_in("/sys/fs/cgroup/memory.max");
  const int64_t used = number_in("/sys/fs/cgroup/memory.current");
  if (limit == kUnknown || used == kUnknown) return system;
  return std::clamp<int64_t>(limit - used, 0, system);
}

int64_t resident_memory() { return proc_bytes("/proc/self/status", "VmRSS"); }
int64_t peak_memory() { return proc_bytes("/proc/self/status", "VmHWM"); }
void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << 5; }

}  // namespace espalier

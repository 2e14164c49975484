// Limits of the system that end a run later than its start.
#include <sys/resource.h>

#include <filesystem>

#include "app/doctor/check.h"
#include "core/cores.h"

namespace espalier::app {
namespace {

constexpr rlim_t kFiles = 1024;         // shards, libraries, connections to other ranks
constexpr rlim_t kProcesses = 256;      // threads of one rank, with room
constexpr rlim_t kFileBytes = 1 << 30;  // a checkpoint of a large network

rlim_t limit_of(int resource) {
  rlimit limit = {};
  getrlimit(static_cast<__rlimit_resource>(resource), &limit);
  return limit.rlim_cur;
}

std::string text_of(rlim_t limit) {
  return limit == RLIM_INFINITY ? "unlimited" : fmt::format("{}", limit);
}

bool has_infiniband() { return std::filesystem::exists("/sys/class/infiniband"); }

class Limits : public Check {
 public:
  Findings run(comm::Communicator&, const std::filesystem::path&) override {
    const rlim_t files = limit_of(RLIMIT_NOFILE), processes = limit_of(RLIMIT_NPROC),
                 locked = limit_of(RLIMIT_MEMLOCK), size = limit_of(RLIMIT_FSIZE);
    return {{"open files", text_of(files), files < kFiles ? "ulimit -n 4096" : ""},
            {"processes", text_of(processes),
             processes < kProcesses ? "threads count as processes (try: ulimit -u 4096)" : ""},
            {"locked memory", text_of(locked),
             has_infiniband() && locked != RLIM_INFINITY
                 ? "InfiniBand wants it unlimited (try: ulimit -l unlimited)"
                 : ""},
            {"size of a file", text_of(size),
             size < kFileBytes ? "a checkpoint may not fit (try: ulimit -f unlimited)" : ""}};
  }
};

ESPALIER_REGISTER(Check, Limits, "limits", "open files, processes, locked memory, size of a file");

}  // namespace
}  // namespace espalier::app

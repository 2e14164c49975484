// The machine of rank 0: processor, memory, and what memory costs.
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>

#include "app/doctor/check.h"
#include "comm/topology.h"
#include "core/clock.h"
#include "core/cores.h"
#include "core/memory.h"

namespace espalier::app {
namespace {

double gigabytes(int64_t bytes) { return static_cast<double>(bytes) / 1e9; }

Finding processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string model = "unknown", flags;
  for (std::string line; std::getline(file, line) && flags.empty();) {
    const size_t colon = std::min(line.find(": "), line.size());
    if (line.starts_with("model name")) model = line.substr(std::min(colon + 2, line.size()));
    if (line.starts_with("flags")) flags = line.substr(colon) + " ";
  }
  std::string sets;
  for (const char* set : {"avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16"})
    if (flags.find(fmt::format(" {} ", set)) != std::string::npos) sets += fmt::format(" {}", set);
  const bool bf16 = sets.find("bf16") != std::string::npos;
  return {"processor", fmt::format("{}:{}", model, sets.empty() ? " no avx2" : sets),
          bf16 ? "" : "train.precision=bf16 is refused on this CPU: it has no bf16 units"};
}

Finding cores() {
  std::string quotas;
  for (const CpuQuota& quota : machine_view().quotas)
    quotas += fmt::format(", a CPU quota of {:g} cores", quota.cores);
  return {"host", fmt::format("{}, {} CPUs{}, {} cores per rank", comm::host_name(),
                              sysconf(_SC_NPROCESSORS_ONLN), quotas, core_share().cores)};
}

Finding memory() {
  const int64_t all = sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE), left = available_memory();
  return {"memory",
          fmt::format("{:.1f} GB, of which {:.1f} are available to this job", gigabytes(all),
                      gigabytes(left)),
          left < (int64_t{1} << 30) ? "less than 1 GB is left: a run may be killed" : ""};
}

// The cost of the first access to a page: virtual machines differ by a factor of hundred.
Finding page_faults() {
  constexpr size_t kBytes = 32 << 20;
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {"page faults", "not measured: " + errno_text()};
  madvise(memory, kBytes, MADV_NOHUGEPAGE);
  const Stopwatch watch;
  for (size_t at = 0; at < kBytes; at += page) static_cast<volatile char*>(memory)[at] = 1;
  const double microseconds = watch.seconds() * 1e6 / static_cast<double>(kBytes / page);
  munmap(memory, kBytes);
  return {"page faults", fmt::format("{:.2f} us per page", microseconds),
          microseconds > 5
              ? "new memory is slow on this machine, for every program with large buffers"
              : ""};
}

class Host : public Check {
 public:
  Findings run(comm::Communicator&, const std::filesystem::path&) override {
    return {cores(), processor(), memory(), page_faults()};
  }
};

ESPALIER_REGISTER(Check, Host, "host", "processor, cores, memory");

}  // namespace
}  // namespace espalier::app

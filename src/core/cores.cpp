#include "core/cores.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

namespace espalier {
namespace {

namespace fs = std::filesystem;

using CpuSets = std::array<cpu_set_t, 16>;  // 16,384 CPUs

std::vector<int> cpus_of_this_thread() {
  CpuSets sets = {};
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof sets, sets.data()) == 0)
    for (int cpu = 0; cpu < static_cast<int>(8 * sizeof sets); ++cpu)
      if (CPU_ISSET_S(cpu, sizeof sets, sets.data())) cpus.push_back(cpu);
  for (int cpu = 0; cpus.empty() && cpu < sysconf(_SC_NPROCESSORS_ONLN); ++cpu) cpus.push_back(cpu);
  return cpus;
}

// A thread that asks for all CPUs gets those of its container or job.
std::vector<int> available_cpus() {
  std::vector<int> cpus;
  std::thread([&] {
    CpuSets all;
    std::memset(all.data(), 0xff, sizeof all);
    sched_setaffinity(0, sizeof all, all.data());
    cpus = cpus_of_this_thread();
  }).join();
  return cpus;
}

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Cores of one group, where it sets a quota.
std::optional<double> quota_of(const fs::path& group) {
  double quota = -1, period = 0;
  if (std::istringstream v2(first_line(group / "cpu.max")); !(v2 >> quota >> period)) {
    std::istringstream(first_line(group / "cpu.cfs_quota_us")) >> quota;
    std::istringstream(first_line(group / "cpu.cfs_period_us")) >> period;
  }
  if (quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

std::string identity_of(const fs::path& path) {
  struct stat status = {};
  stat(path.c_str(), &status);
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

int64_t whole_cores(double cores) {
  return std::max<int64_t>(1, static_cast<int64_t>(cores + 1e-6));
}

using Cpus = std::vector<int> MachineView::*;

int64_t share(const std::vector<MachineView>& ranks, const MachineView& own, Cpus cpus) {
  std::map<int, int64_t> users;
  std::map<std::string, int64_t> members;
  for (const MachineView& rank : ranks) {
    if (rank.machine != own.machine) continue;
    for (const int cpu : rank.*cpus) ++users[cpu];
    for (const CpuQuota& quota : rank.quotas) ++members[quota.cgroup];
  }
  double cores = 0;
  for (const int cpu : own.*cpus) cores += 1.0 / static_cast<double>(users[cpu]);
  for (const CpuQuota& quota : own.quotas)
    cores = std::min(cores, quota.cores / static_cast<double>(members[quota.cgroup]));
  return whole_cores(cores);
}

CoreShare& own_share() {
  static CoreShare share = share_of_cores({machine_view()}, 0);
  return share;
}

}  // namespace

std::string MachineView::text() const {
  nlohmann::json limits = nlohmann::json::array();
  for (const CpuQuota& quota : quotas) limits.push_back({quota.cgroup, quota.cores});
  return nlohmann::json({machine, bound, available, limits}).dump();
}

MachineView MachineView::parse(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text);
  MachineView view{json.at(0), json.at(1), json.at(2), {}};
  for (const auto& quota : json.at(3)) view.quotas.push_back({quota.at(0), quota.at(1)});
  return view;
}

MachineView machine_view() {
  std::ifstream file("/proc/self/cgroup");
  const std::string membership(std::istreambuf_iterator<char>(file), {});
  return {first_line("/proc/sys/kernel/random/boot_id"), cpus_of_this_thread(), available_cpus(),
          cpu_quotas("/sys/fs/cgroup", membership)};
}

std::vector<CpuQuota> cpu_quotas(const fs::path& root, const std::string& membership) {
  std::vector<CpuQuota> quotas;
  std::istringstream lines(membership);  // "0::/job/step" or "4:cpu,cpuacct:/job"
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path top = root / controllers;
    const bool has_cpu = ("," + controllers + ",").find(",cpu,") != std::string::npos;
    if (!controllers.empty() && !has_cpu) continue;
    // Inside a container the path may be that of the host, of which only the end is there.
    for (fs::path path = fs::path(line.substr(second + 1)).relative_path();;
         path = path.parent_path()) {
      const fs::path group = top / path;
      if (const auto cores = quota_of(group)) quotas.push_back({identity_of(group), *cores});
      if (path.empty()) break;
    }
  }
  return quotas;
}

CoreShare share_of_cores(const std::vector<MachineView>& ranks, size_t rank) {
  return {.cores = share(ranks, ranks[rank], &MachineView::bound),
          .unbound = share(ranks, ranks[rank], &MachineView::available)};
}

const CoreShare& core_share() { return own_share(); }

void set_core_share(CoreShare share) { own_share() = share; }

}  // namespace espalier

// Where each rank runs: its machine, cores, instructions, build and GPU; and whether they are too
// many for the machine.
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "app/doctor/check.h"
#include "comm/agree.h"
#include "comm/mpi_comm.h"
#include "comm/nccl_comm.h"
#include "comm/topology.h"
#include "comm/world.h"
#include "core/cores.h"
#include "engine/provenance.h"
#include "tensor/instruction_set.h"

namespace espalier::app {
namespace {

// "0-3,8": the CPUs of a rising list.
std::string ranges(const std::vector<int>& cpus) {
  std::vector<std::string> parts;
  for (size_t first = 0, last = 0; first < cpus.size(); first = last + 1) {
    last = first;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    parts.push_back(first == last ? fmt::format("{}", cpus[first])
                                  : fmt::format("{}-{}", cpus[first], cpus[last]));
  }
  return fmt::format("{}", fmt::join(parts, ","));
}

// The GPU of this rank, and what is wrong where two ranks have the same.
std::pair<std::string, std::string> gpu_of_rank(comm::Communicator& control) {
  comm::CudaText identity{}, reason{};
  const comm::CudaModule* module = comm::cuda_module();
  const int device =
      comm::device_of_local_rank(module == nullptr ? 0 : module->device_count(&reason));
  if (device >= 0 && !module->identity(device, &identity, &reason)) identity = {};
  const std::string gpu = device < 0 ? "" : fmt::format(", GPU {}", device);
  try {
    comm::require_own_device(control, identity.bytes);
    return {gpu, ""};
  } catch (const Error& error) {  // the same on every rank
    return {gpu, error.what()};
  }
}

std::string advice_on_binding() {
  const CoreShare& share = core_share();
  return share.cores < share.unbound
             ? fmt::format(
                   "bound to {} of {} cores (try: launch/mpirun.sh, mpirun --bind-to none, "
                   "or --map-by slot:PE={})",
                   share.cores, share.unbound, share.unbound)
             : "";
}

// Machines with more ranks than cores.
void add_oversubscription(comm::Communicator& control, Findings& findings) {
  std::map<std::string, std::pair<int64_t, size_t>> machines;  // host -> ranks, CPUs
  for (const std::string& text : comm::gather_texts(control, machine_view().text())) {
    const MachineView view = MachineView::parse(text);
    auto& [ranks, cpus] = machines[view.machine];
    ++ranks;
    cpus = std::max(cpus, view.available.size());
  }
  for (const auto& [machine, load] : machines)
    if (load.first > static_cast<int64_t>(load.second))
      findings.push_back({"oversubscription",
                          fmt::format("{} ranks on {} cores", load.first, load.second),
                          "ranks wait for each other on shared cores: fewer ranks are faster"});
}

void add_builds(comm::Communicator& control, Findings& findings) {
  const std::vector<std::string> builds = comm::gather_texts(control, engine::build_text());
  const auto other = std::ranges::find_if(
      builds, [&](const std::string& build) { return build != builds.front(); });
  if (other == builds.end())
    findings.push_back({"build", builds.front()});
  else
    findings.push_back(
        {"build",
         fmt::format("rank 0: {}; rank {}: {}", builds.front(), other - builds.begin(), *other),
         "every rank needs the same program", static_cast<int>(Kind::kUsage)});
}

class Ranks : public Check {
 public:
  Findings run(comm::Communicator& control, const std::filesystem::path&) override {
    Findings findings;
    const auto [gpu, trouble] = gpu_of_rank(control);
    const std::string advice = advice_on_binding();
    const std::vector<std::string> states =
        comm::gather_texts(control, fmt::format("{}, CPUs {}, {} cores, {}{}", comm::host_name(),
                                                ranges(machine_view().bound), core_share().cores,
                                                tensor::local_instruction_set(), gpu));
    const std::vector<std::string> advices =
        comm::gather_texts(control, advice.empty() ? trouble : advice);
    for (size_t rank = 0; rank < states.size(); ++rank)
      findings.push_back({fmt::format("rank {}", rank), states[rank], advices[rank]});
    findings.push_back({"instructions", "all ranks use " + tensor::instruction_set()});
    add_oversubscription(control, findings);
    add_builds(control, findings);
    return findings;
  }
};

ESPALIER_REGISTER(Check, Ranks, "ranks",
                  "machine, cores, instructions, build and GPU of each rank");

}  // namespace
}  // namespace espalier::app

#include "comm/topology.h"

#include <unistd.h>

#include <algorithm>
#include <climits>

#include "comm/agree.h"
#include "comm/world.h"
#include "core/cores.h"
#include "core/log.h"

namespace espalier::comm {

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = "";
  gethostname(name, HOST_NAME_MAX);
  return name;
}

void share_cores(Communicator& control) {
  std::vector<MachineView> ranks;
  for (const std::string& text : gather_texts(control, machine_view().text()))
    ranks.push_back(MachineView::parse(text));
  set_core_share(share_of_cores(ranks, static_cast<size_t>(control.rank())));
}

void warn_of_binding(Communicator& control, int64_t threads) {
  const CoreShare& mine = core_share();
  const bool wasted = std::min(threads, mine.unbound) > mine.cores;
  const std::vector<std::string> ranks = gather_texts(
      control, wasted ? fmt::format("{} of {}", mine.cores, mine.unbound) : std::string());
  const auto first = std::ranges::find_if(ranks, [](const auto& text) { return !text.empty(); });
  if (first == ranks.end() || control.rank() != 0) return;
  log::warning("cores",
               "the launcher binds {} of {} ranks to fewer cores than they could use; rank {} has "
               "{} (try: launch/mpirun.sh, or mpirun --bind-to none)",
               std::ranges::count_if(ranks, [](const auto& text) { return !text.empty(); }),
               ranks.size(), first - ranks.begin(), *first);
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

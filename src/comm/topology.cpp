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

int device_of_local_rank(int devices) { return devices <= 0 ? -1 : local_rank() % devices; }

void require_own_device(Communicator& control, const std::string& identity) {
  const std::vector<std::string> all = gather_texts(control, identity);
  for (auto mine = all.begin(); mine != all.end(); ++mine) {
    const auto other = std::find(all.begin(), mine, *mine);
    if (mine->empty() || other == mine) continue;
    const std::vector<std::string> hosts = gather_texts(control, host_name());
    throw Error(Kind::kUsage,
                "ranks {} and {} on {} would use the same GPU, {}, and two ranks may not share one "
                "(try: as many ranks as GPUs with mpirun --map-by ppr:GPUS:node, srun "
                "--gpus-per-task=1, or train.device=cpu)",
                other - all.begin(), mine - all.begin(), hosts[mine - all.begin()], *mine)
        .set_agreed();
  }
}

}  // namespace espalier::comm

#include "sync/lanes.h"

#include <bit>

#include "core/error.h"

namespace espalier::sync {

LanePlan::LanePlan(int64_t lanes, int ranks, int rank) : lanes_(lanes), ranks_(ranks), rank_(rank) {
  check(lanes >= 1, Kind::kUsage, "parallel.lanes is {}, it must be at least 1", lanes);
  check(ranks <= lanes, Kind::kUsage,
        "{} ranks cannot share {} lanes: parallel.lanes must be at least the number of ranks (try: "
        "mpirun -n {})",
        ranks, lanes, lanes);
}

int LanePlan::owner(int64_t lane) const {
  int rank = static_cast<int>(lane * ranks_ / lanes_);
  while (begin_of(rank + 1) <= lane) ++rank;
  while (begin_of(rank) > lane) --rank;
  return rank;
}

Node LanePlan::root() const {
  return {0, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(lanes_)))};
}

std::vector<Node> LanePlan::blocks_of(int rank) const {
  std::vector<Node> blocks;
  const int64_t end = begin_of(rank + 1);
  for (int64_t lane = begin_of(rank); lane < end; lane = blocks.back().last()) {
    Node block{lane, 1};
    while (block.is_left() && block.parent().last() <= end) block = block.parent();
    blocks.push_back(block);
  }
  return blocks;
}

}  // namespace espalier::sync

// Lanes: the fixed cut of a global batch that makes a run's bits independent of its rank count
// (design, law 3).
//
// A run has V lanes for life. Rank r of R <= V runs lanes [floor(r V / R), floor((r + 1) V / R)).
// Sums over lanes follow one binary tree: lanes are leaves in order, padded to a power of two with
// absent leaves; an inner node is left + right in the element's own type, an absent side is
// skipped. The tree knows nothing of ranks, so neither do the bits. Nearest work: EasyScale (Li et
// al., SC'23), which fixes virtual workers in the same way.
#pragma once

#include <cstdint>
#include <vector>

#include "comm/communicator.h"

namespace espalier::sync {

class LanePlan {
 public:
  // kUsage, naming the nearest legal values, unless 1 <= ranks <= lanes.
  LanePlan(int64_t lanes, int ranks, int rank);

  int64_t lanes() const { return lanes_; }
  int64_t first() const { return begin_of(rank_); }
  int64_t last() const { return begin_of(rank_ + 1); }  // one past this rank's last lane
  int64_t count() const { return last() - first(); }
  int64_t begin_of(int rank) const { return rank * lanes_ / ranks_; }
  int owner(int64_t lane) const;
  int ranks() const { return ranks_; }

 private:
  int64_t lanes_;
  int ranks_, rank_;
};

// Collective. `own[i]` are the `count` values of lane first() + i; all are overwritten. Afterwards
// own[0] holds the sum over all lanes on every rank. `exact` follows the tree; otherwise each rank
// sums its lanes by the tree and the communicator sums ranks in its own order. T is float or
// double.
template <typename T>
void sum_lanes(comm::Communicator& comm, const LanePlan& plan, const std::vector<T*>& own,
               int64_t count, bool exact);

// Collective. `own` holds `per_lane` values of each of this rank's lanes, in lane order; returns
// those of all lanes.
template <typename T>
std::vector<T> gather_lanes(comm::Communicator& comm, const LanePlan& plan, const T* own,
                            int64_t per_lane);

}  // namespace espalier::sync

#include "sync/lanes.h"

#include <algorithm>
#include <bit>
#include <type_traits>

namespace espalier::sync {
namespace {

template <typename T>
constexpr comm::DataType data_type() {
  return std::is_same_v<T, float> ? comm::DataType::f32 : comm::DataType::f64;
}

template <typename T>
void add(T* into, const T* other, int64_t count) {
  for (int64_t i = 0; i < count; ++i) into[i] += other[i];
}

// Sums the subtree over lanes [first, first + width) by the tree. The sum lies with the owner of
// lane `first`, which gets its place; others get null, and so does everyone for an absent subtree.
// Every rank walks the tree in the same order, so that sends and receives pair up.
template <typename T>
struct TreeSum {
  comm::Communicator& comm;
  const LanePlan& plan;
  const std::vector<T*>& own;
  int64_t count;
  std::vector<T> received;

  T* sum(int64_t first, int64_t width) {
    if (first >= plan.lanes()) return nullptr;
    if (width == 1) {
      const bool mine = plan.owner(first) == comm.rank();
      return mine ? own[static_cast<size_t>(first - plan.first())] : nullptr;
    }
    const int64_t middle = first + width / 2;
    T* left = sum(first, width / 2);
    const T* right = sum(middle, width / 2);
    if (middle >= plan.lanes()) return left;
    const int left_owner = plan.owner(first), right_owner = plan.owner(middle);
    if (left_owner == right_owner) {
      if (left != nullptr) add(left, right, count);
    } else if (comm.rank() == left_owner) {
      received.resize(static_cast<size_t>(count));
      comm.receive(received.data(), count, data_type<T>(), right_owner).wait();
      add(left, received.data(), count);
    } else if (comm.rank() == right_owner) {
      comm.send(right, count, data_type<T>(), left_owner).wait();
    }
    return left;
  }
};

// The rank's own lanes by a tree over them alone.
template <typename T>
void sum_own(const std::vector<T*>& own, int64_t count) {
  for (size_t stride = 1; stride < own.size(); stride *= 2)
    for (size_t i = 0; i + stride < own.size(); i += 2 * stride)
      add(own[i], own[i + stride], count);
}

}  // namespace

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

template <typename T>
void sum_lanes(comm::Communicator& comm, const LanePlan& plan, const std::vector<T*>& own,
               int64_t count, bool exact) {
  if (!exact || comm.size() == 1) {
    sum_own(own, count);
    if (comm.size() > 1) comm.all_reduce(own[0], count, data_type<T>()).wait();
    return;
  }
  const int64_t width = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(plan.lanes())));
  TreeSum<T>{comm, plan, own, count, {}}.sum(0, width);
  comm.broadcast(own[0], count, data_type<T>(), /*root=*/0).wait();
}

template <typename T>
std::vector<T> gather_lanes(comm::Communicator& comm, const LanePlan& plan, const T* own,
                            int64_t per_lane) {
  if (comm.size() == 1) return std::vector<T>(own, own + plan.count() * per_lane);
  // Ranks may own one lane more or less; all send as many values as the largest needs.
  const int64_t block = (plan.lanes() + plan.ranks() - 1) / plan.ranks() * per_lane;
  std::vector<T> send(static_cast<size_t>(block));
  std::copy_n(own, plan.count() * per_lane, send.begin());
  std::vector<T> blocks(static_cast<size_t>(block * plan.ranks()));
  comm.all_gather(send.data(), blocks.data(), block, data_type<T>()).wait();
  std::vector<T> all;
  for (int rank = 0; rank < plan.ranks(); ++rank) {
    const auto begin = blocks.begin() + rank * block;
    all.insert(all.end(), begin,
               begin + (plan.begin_of(rank + 1) - plan.begin_of(rank)) * per_lane);
  }
  return all;
}

template void sum_lanes<float>(comm::Communicator&, const LanePlan&, const std::vector<float*>&,
                               int64_t, bool);
template void sum_lanes<double>(comm::Communicator&, const LanePlan&, const std::vector<double*>&,
                                int64_t, bool);
template std::vector<float> gather_lanes<float>(comm::Communicator&, const LanePlan&, const float*,
                                                int64_t);
template std::vector<double> gather_lanes<double>(comm::Communicator&, const LanePlan&,
                                                  const double*, int64_t);

}  // namespace espalier::sync

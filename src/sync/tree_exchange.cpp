#include "sync/tree_exchange.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace espalier::sync {
namespace {

template <typename T>
constexpr comm::DataType data_type() {
  return std::is_same_v<T, float> ? comm::DataType::f32 : comm::DataType::f64;
}

}  // namespace

// The tree over values that are held by their nodes; sums take the place of the left one.
template <typename T>
struct TreeExchange::Evaluation {
  int64_t lanes, count;
  std::map<int64_t, std::pair<int64_t, T*>> held;  // first lane -> width, values

  // Null for a subtree without lanes.
  T* value(const Node& node) const {
    if (node.first >= lanes) return nullptr;
    const auto found = held.find(node.first);
    if (found != held.end() && found->second.first == node.width) return found->second.second;
    const int64_t half = node.width / 2;
    T* left = value({node.first, half});
    const T* right = value({node.first + half, half});
    if (right != nullptr)
      for (int64_t i = 0; i < count; ++i) left[i] += right[i];
    return left;
  }
};

TreeExchange::TreeExchange(comm::Communicator& comm, const LanePlan& plan)
    : comm_(comm), plan_(plan) {
  for (int rank = 0; rank < plan.ranks(); ++rank) blocks_.push_back(plan.blocks_of(rank));
}

template <typename T>
void TreeExchange::sum(const std::vector<T*>& blocks, T* result, int64_t count) {
  const int ranks = plan_.ranks(), me = plan_.rank();
  const int64_t slice = (count + ranks - 1) / ranks;
  const auto begin = [&](int rank) { return std::min(count, rank * slice); };
  const auto size = [&](int rank) { return begin(rank + 1) - begin(rank); };
  const int64_t mine = size(me);

  size_t others = 0;
  for (int rank = 0; rank < ranks; ++rank) others += rank == me ? 0 : blocks_[rank].size();
  received_.resize(others * static_cast<size_t>(mine) * sizeof(T));
  T* place = reinterpret_cast<T*>(received_.data());
  Evaluation<T> tree{plan_.lanes(), mine, {}};
  std::vector<comm::Incoming> receives;
  for (int rank = 0; rank < ranks; ++rank)
    for (size_t i = 0; i < blocks_[rank].size(); ++i) {
      const Node& block = blocks_[rank][i];
      T* values = rank == me ? blocks[i] + begin(me) : std::exchange(place, place + mine);
      if (rank != me && mine > 0) receives.push_back({values, mine, rank});
      tree.held[block.first] = {block.width, values};
    }
  std::vector<comm::Outgoing> sends;
  for (int distance = 1; distance < ranks; ++distance) {
    const int to = (me + distance) % ranks;  // so that not all send to one rank first
    for (T* block : blocks)
      if (size(to) > 0) sends.push_back({block + begin(to), size(to), to});
  }
  if (ranks > 1) comm_.exchange(sends, receives, data_type<T>()).wait();
  const T* sum = tree.value(plan_.root());
  if (ranks == 1) {
    if (sum != result) std::copy_n(sum, count, result);
    return;
  }
  // Every rank gives a slice of the same size; the last may hold less.
  gathered_.resize(static_cast<size_t>((ranks + 1) * slice) * sizeof(T));
  T* all = reinterpret_cast<T*>(gathered_.data());
  T* own = all + ranks * slice;
  std::copy_n(sum, mine, own);
  const bool direct = slice * ranks == count;
  comm_.all_gather(own, direct ? result : all, slice, data_type<T>()).wait();
  if (!direct) std::copy_n(all, count, result);
}

template void TreeExchange::sum<float>(const std::vector<float*>&, float*, int64_t);
template void TreeExchange::sum<double>(const std::vector<double*>&, double*, int64_t);

}  // namespace espalier::sync

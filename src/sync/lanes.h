// Lanes: the fixed cut of a global batch that makes a run's bits independent of its rank count
// (docs/architecture.md, law 3).
//
// A run has V lanes for life. Rank r of R <= V runs lanes [floor(r V / R), floor((r + 1) V / R)).
// Sums over lanes follow one binary tree: lanes are leaves in order, padded to a power of two with
// absent leaves; an inner node is left + right in the element's own type, an absent side is
// skipped. The tree knows nothing of ranks, so neither do the bits. Nearest work: EasyScale (Li et
// al., SC'23), which fixes virtual workers in the same way.
#pragma once

#include <cstdint>
#include <vector>

namespace espalier::sync {

// The subtree over lanes [first, first + width): `width` is a power of two and divides `first`.
struct Node {
  int64_t first = 0, width = 1;

  int64_t last() const { return first + width; }
  bool is_left() const { return first / width % 2 == 0; }
  Node sibling() const { return {is_left() ? first + width : first - width, width}; }
  Node parent() const { return {is_left() ? first : first - width, 2 * width}; }
  bool operator==(const Node&) const = default;
};

class LanePlan {
 public:
  // kUsage, naming the nearest legal values, unless 1 <= ranks <= lanes.
  LanePlan(int64_t lanes, int ranks, int rank);

  int64_t lanes() const { return lanes_; }
  int ranks() const { return ranks_; }
  int rank() const { return rank_; }
  int64_t first() const { return begin_of(rank_); }
  int64_t last() const { return begin_of(rank_ + 1); }  // one past this rank's last lane
  int64_t count() const { return last() - first(); }
  int64_t begin_of(int rank) const { return rank * lanes_ / ranks_; }
  int owner(int64_t lane) const;

  Node root() const;
  // The largest subtrees whose lanes are all `rank`'s, in order: what a rank can sum by itself. One
  // where R divides V and both are powers of two, at most 2 log2 V.
  std::vector<Node> blocks_of(int rank) const;

 private:
  int64_t lanes_;
  int ranks_, rank_;
};

}  // namespace espalier::sync

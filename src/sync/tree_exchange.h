// The sum over the lanes of all ranks by the fixed tree, evaluated slice by slice.
//
// The bits of a sum depend on how it is associated, not on where a node of the tree is added. So
// rank s evaluates the whole tree for the s-th slice of the values, and for that alone:
//
//   1. every rank sends slice s of each of its blocks (LanePlan::blocks_of) to rank s;
//   2. rank s adds: value(node) = held ? it : value(left) + value(right);
//   3. all ranks gather the slices.
//
// Where ranks and lanes are powers of two a rank sends 2 S (R - 1) / R bytes for S bytes of values,
// as a ring does, and adds no more than ceil(S / R) values a node, on any R with the same bits.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "comm/communicator.h"
#include "sync/lanes.h"

namespace espalier::sync {

// Keeps its buffers from call to call. One thread at a time.
class TreeExchange {
 public:
  TreeExchange(comm::Communicator& comm, const LanePlan& plan);

  // Collective. blocks[i] are `count` values of this rank's i-th block, which are overwritten;
  // `result`, which may be one of them, receives the sum. T is float or double.
  template <typename T>
  void sum(const std::vector<T*>& blocks, T* result, int64_t count);

 private:
  template <typename T>
  struct Evaluation;

  comm::Communicator& comm_;
  LanePlan plan_;
  std::vector<std::vector<Node>> blocks_;  // by rank
  std::vector<std::byte> received_, gathered_;
};

}  // namespace espalier::sync

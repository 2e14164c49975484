// Memory that the ranks of a node have in common: filled once by rank 0, one copy a node, read by
// all.
//
//   NodeMemory memory(control, bytes);                 // collective, equal bytes on every rank
//   if (control.rank() == 0) fill(memory.for_filling());
//   memory.publish(control);                           // collective
//   use(memory.bytes());
//
// The first rank of each node holds the memory and the others map it read-only. A rank that may not
// map it (another container, another user, a limit of the size of files) holds a copy of its own.
// The memory has no name in any file system: nothing stays behind however the processes end, and no
// limit of /dev/shm applies. kIo when the system has not that much. The destructor is local.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "comm/communicator.h"

namespace espalier::comm {

class NodeMemory {
 public:
  // Without `share` every rank holds a copy.
  NodeMemory(Communicator& control, int64_t bytes, bool share = true);
  ~NodeMemory();
  NodeMemory(const NodeMemory&) = delete;

  std::span<std::byte> for_filling();  // of a holder, until publish()
  // Brings rank 0's bytes to every node.
  void publish(Communicator& control);

  std::span<const std::byte> bytes() const;

  // First of its node: the rank that does what is to be done once a node.
  bool is_first_of_node() const { return first_of_node_; }
  int64_t copies() const { return static_cast<int64_t>(holders_.size()); }  // on all nodes

 private:
  bool hold(bool shared);
  bool map_from(const std::string& offer);

  int64_t bytes_;
  bool first_of_node_ = false;
  std::vector<int> holders_;  // ranks, rising; rank 0 is one
  int descriptor_ = -1;       // of the memory that this rank offers
  std::byte* mapping_ = nullptr;
};

}  // namespace espalier::comm

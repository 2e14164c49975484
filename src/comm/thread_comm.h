// Ranks as threads of one process: for tests, and as the group of one of a plain start.
//
//   run_ranks(3, [](Communicator& comm) { comm.barrier(); });
//
// Sums are taken in rank order, so they do not depend on timing. Calls that do not match (another
// operation, count or type on another rank) end on every rank with kBug.
#pragma once

#include <functional>
#include <memory>

#include "comm/communicator.h"

namespace espalier::comm {

// The communicators of a new group, by rank.
std::vector<std::unique_ptr<Communicator>> thread_communicators(int size);

// Runs `body` on `size` threads, one a rank. When one throws, its peers are told (raise) and the
// first error is rethrown here after all have ended.
void run_ranks(int size, const std::function<void(Communicator&)>& body);

}  // namespace espalier::comm

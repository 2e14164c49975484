// What collectives and messages of a simulated world do to memory.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "comm/arithmetic.h"
#include "comm/operation.h"
#include "simulated/world.h"

namespace espalier::simulated {
namespace {

std::string text_of(const comm::NcclCall& call) {
  constexpr const char* kNames[] = {"all_reduce", "all_gather", "reduce_scatter",
                                    "broadcast",  "send",       "receive"};
  return fmt::format("{} of {} {}{}", kNames[static_cast<int>(call.operation)], call.count,
                     comm::name_of(call.type),
                     call.peer < 0 ? "" : fmt::format(" with rank {}", call.peer));
}

int64_t bytes_of(const comm::NcclCall& call) {
  return call.count * static_cast<int64_t>(comm::size_of(call.type));
}

std::byte* at(void* memory, int64_t offset) { return static_cast<std::byte*>(memory) + offset; }
const std::byte* at(const void* memory, int64_t offset) {
  return static_cast<const std::byte*>(memory) + offset;
}

void copy(void* to, const void* from, int64_t bytes) {
  if (bytes > 0 && to != from) std::memmove(to, from, static_cast<size_t>(bytes));
}

}  // namespace

bool World::may_use(const Group& group, const void* memory, int64_t bytes) {
  if (bytes == 0 || memory == nullptr || !is_freed(memory, static_cast<size_t>(bytes))) return true;
  fault(
      fmt::format("rank {} uses freed memory in {}", group.member->rank, text_of(group.calls[0])));
  return false;
}

void World::end_group(Group& group) { group.member->queue->items.pop_front(); }

void World::run_collective(const std::vector<Group*>& groups) {
  using Operation = comm::NcclOperation;
  const comm::NcclCall& first = groups[0]->calls[0];
  const int64_t bytes = bytes_of(first);
  const auto ranks = static_cast<int64_t>(groups.size());
  bool usable = true;
  for (Group* group : groups) {
    const comm::NcclCall& call = group->calls[0];
    if (call.operation != first.operation || call.count != first.count || call.type != first.type ||
        call.peer != first.peer) {
      fault(fmt::format("rank 0 calls {} where rank {} calls {}", text_of(first),
                        group->member->rank, text_of(call)));
      for (Group* each : groups) each->hangs = true;
      return;
    }
    const int64_t sent = first.operation == Operation::kReduceScatter ? bytes * ranks : bytes;
    const int64_t received = first.operation == Operation::kAllGather ? bytes * ranks : bytes;
    usable &= may_use(*group, call.send, sent) && may_use(*group, call.receive, received);
  }
  const auto call = [&](int64_t rank) -> const comm::NcclCall& {
    return groups[static_cast<size_t>(rank)]->calls[0];
  };
  // Into memory of its own first: a rank's result may lie where another's term does.
  std::vector<std::vector<std::byte>> results;
  for (int64_t rank = 0; usable && rank < ranks; ++rank) {
    std::vector<std::byte>& result = results.emplace_back();
    result.resize(
        static_cast<size_t>(first.operation == Operation::kAllGather ? bytes * ranks : bytes));
    for (int64_t from = 0; from < ranks; ++from) {
      const void* term = call(from).send;
      if (first.operation == Operation::kAllGather)
        copy(result.data() + from * bytes, term, bytes);
      else if (first.operation == Operation::kBroadcast)
        copy(result.data(), call(first.peer).send, bytes);
      else if (const std::byte* block =
                   at(term, first.operation == Operation::kReduceScatter ? rank * bytes : 0);
               from == 0)
        copy(result.data(), block, bytes);
      else
        comm::add(result.data(), block, first.count, first.type);
    }
  }
  for (int64_t rank = 0; usable && rank < ranks; ++rank) {
    const std::vector<std::byte>& result = results[static_cast<size_t>(rank)];
    copy(at(call(rank).receive, 0), result.data(), static_cast<int64_t>(result.size()));
  }
  for (Group* group : groups) end_group(*group);
}

void World::run_message(Group& from, size_t send, Group& to, size_t receive) {
  const comm::NcclCall &sent = from.calls[send], &received = to.calls[receive];
  if (sent.count != received.count || sent.type != received.type)
    fault(fmt::format("rank {} calls {} where rank {} calls {}", from.member->rank, text_of(sent),
                      to.member->rank, text_of(received)));
  const int64_t bytes = std::min(bytes_of(sent), bytes_of(received));
  if (may_use(from, sent.send, bytes) && may_use(to, received.receive, bytes))
    copy(received.receive, sent.send, bytes);
  from.done[send] = to.done[receive] = 1;
  const auto is_over = [](const Group& group) {
    return std::ranges::all_of(group.done, [](char done) { return done != 0; });
  };
  const bool same = &from == &to;  // end_group() destroys it
  const bool from_over = is_over(from), to_over = !same && is_over(to);
  if (from_over) end_group(from);
  if (to_over) end_group(to);
}

}  // namespace espalier::simulated

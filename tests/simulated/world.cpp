#include "simulated/world.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "comm/nccl_comm.h"
#include "comm/operation.h"
#include "comm/thread_comm.h"

namespace espalier::simulated {
namespace {

World* alive = nullptr;

}  // namespace

World::World(int ranks, Options options)
    : options_(std::move(options)), random_(options_.seed * 0x9e3779b97f4a7c15 + 1) {
  check(alive == nullptr, Kind::kBug, "two simulated worlds at once");
  for (int rank = 0; rank < ranks; ++rank)
    computes_.push_back(std::make_unique<Queue>(Queue{.device = rank, .host = true}));
  alive = this;
}

World::~World() { alive = nullptr; }

bool World::is_alive() { return alive != nullptr; }

World& World::current() {
  check(alive != nullptr, Kind::kBug, "there is no simulated world");
  return *alive;
}

void World::fault(const std::string& text) {
  if (std::ranges::find(faults_, text) == faults_.end()) faults_.push_back(text);
}

std::string World::faults() {
  const std::lock_guard lock(mutex_);
  return fmt::format("{}", fmt::join(faults_, "\n"));
}

void* World::allocate(size_t bytes) {
  const std::lock_guard lock(mutex_);
  auto memory = std::make_unique<std::byte[]>(bytes);
  void* const address = memory.get();
  memory_[address] = {std::move(memory), bytes};
  return address;
}

void World::free(void* memory) {
  const std::lock_guard lock(mutex_);
  freed_[static_cast<const std::byte*>(memory)] = memory_.at(memory).second;
}

void World::freed(const void* memory, size_t bytes) {
  const std::lock_guard lock(mutex_);
  freed_[static_cast<const std::byte*>(memory)] = bytes;
}

void World::allocated(const void* memory, size_t bytes) {
  const std::lock_guard lock(mutex_);
  while (is_freed(memory, bytes))
    freed_.erase(std::prev(freed_.lower_bound(static_cast<const std::byte*>(memory) + bytes)));
}

bool World::is_freed(const void* memory, size_t bytes) const {
  const auto* begin = static_cast<const std::byte*>(memory);
  // Ranges never overlap: only the last one that begins before the end can reach in.
  const auto after = freed_.lower_bound(begin + bytes);
  return after != freed_.begin() && begin < std::prev(after)->first + std::prev(after)->second;
}

void World::enqueue(comm::Stream stream, std::function<void()> kernel) {
  const std::lock_guard lock(mutex_);
  queue(0, stream)->items.push_back({.kernel = std::move(kernel)});
}

void World::at_rest(const std::function<void()>& body) {
  const std::lock_guard lock(mutex_);
  body();
}

int64_t World::calls(int rank) {
  const std::lock_guard lock(mutex_);
  int64_t calls = 0;
  for (const auto& member : members_)
    if (member->rank == rank) calls += member->calls;
  return calls;
}

void World::expect_all_released() {
  const std::lock_guard lock(mutex_);
  for (const auto& member : members_)
    if (!member->gone) fault(fmt::format("rank {} did not end its communicator", member->rank));
  for (const auto& queue : queues_)
    if (!queue->destroyed) fault(fmt::format("a stream of GPU {} is left", queue->device));
  if (!events_.empty()) fault(fmt::format("{} events are left", events_.size()));
  for (const auto& [address, memory] : pinned_)
    if (!is_freed(address, 1)) fault(fmt::format("{} pinned bytes are left", memory.second));
}

// A few of the actions that are enabled, in any order; sometimes none.
void World::advance() {
  for (uint64_t left = random_() % 4; left > 0; --left) {
    const std::vector<Action> actions = enabled();
    if (actions.empty()) return;
    const Action& action = actions[random_() % actions.size()];
    if (action.queue->lazy && random_() % 64 != 0) continue;
    action.run();
    ++progress_;
  }
}

std::vector<World::Action> World::enabled() {
  std::vector<Action> actions;
  for (const auto& queue : queues_) {
    if (queue->items.empty()) continue;
    Item& item = queue->items.front();
    if (item.group) {
      add_group_actions(*item.group, actions);
    } else if (!item.wait || item.wait->reached) {
      actions.push_back({queue.get(), [queue = queue.get()] {
                           const Item first = std::move(queue->items.front());
                           queue->items.pop_front();
                           if (first.record) first.record->reached = true;
                           if (first.kernel) first.kernel();
                         }});
    }
  }
  return actions;
}

// What stands first on the stream of a communicator, where that is one of its calls.
World::Group* World::head(const Member& member) const {
  if (member.queue == nullptr || member.queue->items.empty()) return nullptr;
  Group* group = member.queue->items.front().group.get();
  return group != nullptr && group->member == &member ? group : nullptr;
}

namespace {

bool is_message(const comm::NcclCall& call) {
  return call.operation == comm::NcclOperation::kSend ||
         call.operation == comm::NcclOperation::kReceive;
}

}  // namespace

void World::add_group_actions(Group& group, std::vector<Action>& actions) {
  Member& own = *group.member;
  if (own.failed) return;
  if (group.hangs) broken_ = true;
  if (group.hangs) return;
  if (group.fails) {
    actions.push_back({own.queue, [this, &own] { own.failed = broken_ = true; }});
    return;
  }
  const std::vector<Member*>& members = groups_[own.id];
  if (!is_message(group.calls[0])) {
    std::vector<Group*> all;
    for (const Member* member : members) {
      Group* other = member == nullptr ? nullptr : head(*member);
      if (other == nullptr || other->hangs || other->fails || is_message(other->calls[0])) return;
      all.push_back(other);
    }
    // Once for all ranks.
    if (all.front() == &group) actions.push_back({own.queue, [this, all] { run_collective(all); }});
    return;
  }
  const auto first_open = [](const Group& in, comm::NcclOperation operation, int peer) {
    for (size_t i = 0; i < in.calls.size(); ++i)
      if (!in.done[i] && in.calls[i].operation == operation && in.calls[i].peer == peer)
        return std::optional(i);
    return std::optional<size_t>();
  };
  for (size_t i = 0; i < group.calls.size(); ++i) {
    const comm::NcclCall& send = group.calls[i];
    if (send.operation != comm::NcclOperation::kSend) continue;
    if (first_open(group, send.operation, send.peer) != i) continue;
    Group* to = head(*members[static_cast<size_t>(send.peer)]);
    if (to == nullptr || to->hangs || to->fails) continue;
    const auto receive = first_open(*to, comm::NcclOperation::kReceive, own.rank);
    if (receive)
      actions.push_back(
          {own.queue, [this, &group, i, to, j = *receive] { run_message(group, i, *to, j); }});
  }
}

// Nothing of the communicator runs any more; what follows on its stream does.
void World::break_up(Member& member) {
  broken_ = true;
  member.gone = true;
  member.taking.reset();
  if (member.queue != nullptr)
    std::erase_if(member.queue->items,
                  [&](const Item& item) { return item.group && item.group->member == &member; });
}

std::string Report::text() const {
  std::string text = faults;
  for (size_t rank = 0; rank < errors.size(); ++rank)
    if (errors[rank]) text += fmt::format("\nrank {}: {}", rank, errors[rank]->what());
  return text;
}

Report run_ranks(int ranks, const Options& options, const Body& body,
                 const comm::CudaModule& module) {
  World world(ranks, options);
  Report report;
  report.errors.resize(static_cast<size_t>(ranks));
  comm::run_ranks(ranks, [&](comm::Communicator& control) {
    control.set_deadline(options.deadline_seconds);
    try {
      const auto data = comm::make_nccl_communicator(module, control, control.rank());
      try {
        body(control, *data);
      } catch (const Error& error) {
        data->raise(error);
        throw;
      }
    } catch (const Error& error) {
      report.errors[static_cast<size_t>(control.rank())] = error;
    }
  });
  world.expect_all_released();
  report.faults = world.faults();
  return report;
}

}  // namespace espalier::simulated

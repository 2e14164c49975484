// The functions of comm/cuda_module.h, played on the simulated world alive.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <thread>

#include "core/clock.h"
#include "simulated/world.h"

namespace espalier::simulated {

using comm::CudaState;
using comm::CudaText;

World::Handle* World::event(void* handle) {
  if (events_.count(handle) > 0) return static_cast<Handle*>(handle);
  fault("an event is used that was released");
  static Handle none = std::make_shared<Event>(Event{.reached = true});
  return &none;
}

World::Queue* World::queue(int device, comm::Stream stream) {
  if (stream == nullptr) return computes_[static_cast<size_t>(device)].get();  // the default one
  auto* const found = static_cast<Queue*>(stream);
  if (found->destroyed) fault("a stream is used that was destroyed");
  return found;
}

World::Member* World::member(void* handle) {
  auto* const found = static_cast<Member*>(handle);
  if (found->gone) fault(fmt::format("rank {} uses a communicator that has ended", found->rank));
  return found;
}

struct Table {
  using Queue = World::Queue;

  static World& world() { return World::current(); }

  static comm::Stream current_stream(int device) {
    return world().computes_[static_cast<size_t>(device)].get();
  }

  static comm::Stream create_stream(int device, CudaText*) {
    const std::lock_guard lock(world().mutex_);
    world().queues_.push_back(
        std::make_unique<Queue>(Queue{.device = device, .lazy = world().random_() % 2 == 0}));
    return world().queues_.back().get();
  }

  static void destroy_stream(int device, comm::Stream stream) {
    const std::lock_guard lock(world().mutex_);
    world().queue(device, stream)->destroyed = true;  // what it holds is still run
  }

  static void* record(int device, comm::Stream stream, CudaText*) {
    const std::lock_guard lock(world().mutex_);
    world().advance();
    const auto event = std::make_shared<World::Event>();
    Queue& queue = *world().queue(device, stream);
    if (queue.host)
      event->reached = !queue.stuck;
    else
      queue.items.push_back({.record = event});
    auto* const handle = new World::Handle(event);
    world().events_.insert(handle);
    return handle;
  }

  static CudaState reached(void* handle, CudaText*) {
    const std::lock_guard lock(world().mutex_);
    world().advance();
    return (*world().event(handle))->reached ? CudaState::kDone : CudaState::kRunning;
  }

  static bool order(int device, comm::Stream stream, void* handle, CudaText*) {
    std::unique_lock lock(world().mutex_);
    const std::shared_ptr<World::Event> event = *world().event(handle);
    Queue& queue = *world().queue(device, stream);
    if (!queue.host) {
      queue.items.push_back({.wait = event});
      return true;
    }
    int64_t progress = -1;
    Stopwatch since;
    while (!event->reached && !queue.stuck) {
      world().advance();
      if (world().progress_ != progress) since.lap();
      progress = world().progress_;
      queue.stuck = !event->reached && ((world().broken_ && world().enabled().empty()) ||
                                        since.seconds() > world().options_.stuck_seconds);
      lock.unlock();
      std::this_thread::yield();
      lock.lock();
    }
    return true;
  }

  static void release(void* handle) {
    const std::lock_guard lock(world().mutex_);
    const World::Handle* event = world().event(handle);
    if (world().events_.erase(handle) > 0) delete event;
  }

  static void* allocate_pinned(int, size_t bytes, CudaText*) {
    void* const memory = world().allocate(bytes);
    const std::lock_guard lock(world().mutex_);
    world().pinned_[memory] = std::move(world().memory_[memory]);
    world().memory_.erase(memory);
    return memory;
  }

  static void free_pinned(void* memory) {
    const std::lock_guard lock(world().mutex_);
    world().freed_[static_cast<const std::byte*>(memory)] = world().pinned_.at(memory).second;
  }

  static bool copy_to_device(int device, void* to, const void* from, size_t bytes,
                             comm::Stream stream, CudaText*) {
    world().enqueue(stream, [=] {
      if (world().is_freed(from, bytes) || world().is_freed(to, bytes))
        world().fault(fmt::format("a copy to GPU {} uses freed memory", device));
      else if (bytes > 0)
        std::memcpy(to, from, bytes);
    });
    return true;
  }

  static bool unique_id(comm::NcclId* id, CudaText*) {
    const std::lock_guard lock(world().mutex_);
    std::memcpy(id->bytes, &world().next_id_, sizeof world().next_id_);
    ++world().next_id_;
    return true;
  }

  static void* create(const comm::NcclId* id, int rank, int size, int, CudaText*) {
    const std::lock_guard lock(world().mutex_);
    world().members_.push_back(std::make_unique<World::Member>());
    World::Member& member = *world().members_.back();
    std::memcpy(&member.id, id->bytes, sizeof member.id);
    member.rank = rank;
    member.size = size;
    auto& group = world().groups_[member.id];
    group.resize(static_cast<size_t>(size));
    group[static_cast<size_t>(rank)] = &member;
    return &member;
  }

  static CudaState ready(void* communicator, CudaText* reason) {
    const std::lock_guard lock(world().mutex_);
    world().advance();
    World::Member& member = *world().member(communicator);
    if (member.failed) {
      std::snprintf(reason->bytes, sizeof reason->bytes, "simulated: unhandled system error");
      return CudaState::kFailed;
    }
    const auto& group = world().groups_[member.id];
    const bool together = std::ranges::all_of(group, [&](const World::Member* other) {
      return other != nullptr && (!member.finalizing || other->finalizing);
    });
    if (!together || member.polls-- > 0) return CudaState::kRunning;
    member.polls = 0;
    if (member.taking) member.queue->items.push_back({.group = std::move(member.taking)});
    member.taking.reset();
    return CudaState::kDone;
  }

  static bool start(void* communicator, const comm::NcclCall* calls, int count, comm::Stream stream,
                    CudaText*) {
    const std::lock_guard lock(world().mutex_);
    world().advance();
    World::Member& member = *world().member(communicator);
    if (member.taking || member.finalizing)
      world().fault(
          fmt::format("rank {} makes a call before the last one was taken in", member.rank));
    auto group = std::make_shared<World::Group>();
    group->member = &member;
    group->calls.assign(calls, calls + count);
    group->done.resize(static_cast<size_t>(count));
    const auto has = [&](const std::vector<Failure>& failures) {
      return std::ranges::any_of(failures, [&](const Failure& failure) {
        return failure.rank == member.rank && failure.call == member.calls;
      });
    };
    group->fails = has(world().options_.fails);
    group->hangs = has(world().options_.hangs);
    ++member.calls;
    ++world().progress_;
    member.queue = world().queue(member.rank, stream);
    member.taking = std::move(group);
    member.polls = static_cast<int>(world().random_() % 4);
    return true;
  }

  static bool finalize(void* communicator, CudaText*) {
    const std::lock_guard lock(world().mutex_);
    World::Member& member = *world().member(communicator);
    const auto is_own = [&](const World::Item& item) {
      return item.group && item.group->member == &member;
    };
    if (member.taking ||
        (member.queue != nullptr && std::ranges::any_of(member.queue->items, is_own)))
      world().fault(fmt::format("rank {} finalizes with a call in flight", member.rank));
    if (member.failed) world().fault(fmt::format("rank {} finalizes after a failure", member.rank));
    member.finalizing = true;
    return true;
  }

  static void destroy(void* communicator) {
    const std::lock_guard lock(world().mutex_);
    World::Member& member = *world().member(communicator);
    if (!member.finalizing) world().fault("a communicator is destroyed that was not finalized");
    member.gone = true;
  }

  static void abort(void* communicator) {
    while (world().options_.abort_hangs) std::this_thread::sleep_for(std::chrono::seconds(1));
    const std::lock_guard lock(world().mutex_);
    world().break_up(*world().member(communicator));
  }
};

const comm::CudaModule& World::module() {
  static const comm::CudaModule table = {
      .interface = comm::CudaModule::kInterface,
      .device_count = [](CudaText*) { return static_cast<int>(current().computes_.size()); },
      .versions = [] { return comm::CudaVersions{}; },
      .identity =
          [](int device, CudaText* identity, CudaText*) {
            std::snprintf(identity->bytes, sizeof identity->bytes, "simulated GPU %d", device);
            return true;
          },
      .current_stream = Table::current_stream,
      .create_stream = Table::create_stream,
      .destroy_stream = Table::destroy_stream,
      .record = Table::record,
      .reached = Table::reached,
      .order = Table::order,
      .release = Table::release,
      .allocate_pinned = Table::allocate_pinned,
      .free_pinned = Table::free_pinned,
      .copy_to_device = Table::copy_to_device,
      .unique_id = Table::unique_id,
      .create = Table::create,
      .ready = Table::ready,
      .start = Table::start,
      .finalize = Table::finalize,
      .destroy = Table::destroy,
      .abort = Table::abort};
  return table;
}

}  // namespace espalier::simulated

// CPU tensors whose memory a simulated world knows: a device that uses a tensor's memory after the
// tensor has died is a fault of the world, and no crash.
//
//   const simulated::TrackedTensors tracked;     // while it lives
//   simulated::run_ranks(...);
//
// Memory that is freed while a world is alive is kept until the end of `tracked`, so an address
// never comes back and what the host reads of it stays defined. New memory holds NaN, and -1, so
// that what was read before it was written shows. One at a time in a process.
#pragma once

#include <c10/core/CPUAllocator.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include "simulated/world.h"

namespace espalier::simulated {

class TrackedTensors {
 public:
  TrackedTensors() : previous_(c10::GetCPUAllocator()) {
    c10::SetCPUAllocator(&allocator(), kPriority);
  }
  ~TrackedTensors() {
    c10::SetCPUAllocator(previous_, kPriority);
    allocator().end();
  }
  TrackedTensors(const TrackedTensors&) = delete;

 private:
  static constexpr uint8_t kPriority = 100;
  static constexpr size_t kAlignment = 64;  // of the memory, and room for its size before it

  class Allocator : public c10::Allocator {
   public:
    c10::DataPtr allocate(size_t bytes) override {
      const size_t whole = kAlignment + (bytes + kAlignment - 1) / kAlignment * kAlignment;
      auto* const start = static_cast<std::byte*>(std::aligned_alloc(kAlignment, whole));
      *reinterpret_cast<size_t*>(start) = bytes;
      std::byte* const memory = start + kAlignment;
      std::memset(memory, 0xff, bytes);
      return {memory, memory, &release, c10::Device(c10::kCPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &release; }
    void copy_data(void* to, const void* from, size_t bytes) const override {
      default_copy_data(to, from, bytes);
    }
    void end() {
      const std::lock_guard lock(mutex_);
      for (void* start : kept_) std::free(start);
      kept_.clear();
    }

   private:
    static void release(void* memory) {
      if (memory == nullptr) return;
      void* const start = static_cast<std::byte*>(memory) - kAlignment;
      if (!World::is_alive()) return std::free(start);
      World::current().freed(memory, *static_cast<const size_t*>(start));
      const std::lock_guard lock(allocator().mutex_);
      allocator().kept_.push_back(start);
    }

    std::mutex mutex_;
    std::vector<void*> kept_;
  };

  static Allocator& allocator() {
    static auto* const one = new Allocator;  // tensors of static duration may outlive all else
    return *one;
  }

  c10::Allocator* previous_;
};

}  // namespace espalier::simulated

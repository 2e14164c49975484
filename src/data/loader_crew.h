// The state that the threads of a loader share; for loader*.cpp alone.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "data/loader.h"

namespace espalier::data {

// Samples are numbered over all steps: sample n is the (n % share)-th of step n / share. Order,
// allocation, reading and transforming happen without the lock.
class Loader::Crew {
 public:
  Crew(const Dataset& dataset, Order order, LoaderPlan plan, Transform transform,
       const LoaderOptions& options);

  void work(size_t me);
  image::Batch next(double deadline_seconds);
  void recycle(image::Batch batch);
  void stop();
  bool ended(std::chrono::seconds patience);  // whether all threads have

 private:
  // A step under way. Its samples are handed out in pieces; it is ready when none is left.
  struct Slot {
    image::Batch batch;
    int64_t left = 0;
    int64_t bad_sample = -1;
    std::exception_ptr error;
  };
  struct alignas(64) Busy {
    std::atomic<int64_t> sample{-1};
  };

  Slot& slot_of(int64_t step) { return slots_[step % slots_.size()]; }
  bool may_open() const {
    return !opening_ && !cannot_open_ && opened_ < plan_.steps &&
           opened_ < delivered_ + static_cast<int64_t>(slots_.size());
  }
  void open_step(std::unique_lock<std::mutex>& lock);
  void make_piece(size_t me, std::unique_lock<std::mutex>& lock);
  void make_sample(Slot& slot, int64_t sample) const;
  [[noreturn]] void throw_overdue(double seconds);

  const Dataset dataset_;
  Order order_;  // of the one thread that opens a step
  const LoaderPlan plan_;
  const Transform transform_;
  const int64_t share_, piece_;
  const EpochOrder::Announce announce_;

  std::mutex mutex_;
  std::condition_variable wanted_, ready_;
  std::vector<Slot> slots_;
  std::vector<image::Batch> spare_;
  std::vector<Busy> busy_;          // by thread: the sample it makes
  std::atomic<int64_t> made_{0};    // samples
  int64_t given_out_ = 0;           // samples handed to threads
  int64_t opened_ = 0;              // steps that have room
  int64_t delivered_ = 0;           // steps that next() has returned
  int64_t working_ = 0;             // threads that have not ended
  std::exception_ptr cannot_open_;  // why step `opened_` and those after it have no room
  bool opening_ = false, stopped_ = false;
};

}  // namespace espalier::data

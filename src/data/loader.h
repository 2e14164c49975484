// Batches for the training loop: threads that read a sample once and make every view of it in its
// place of the batch.
//
//   Loader loader(dataset, order, {.seed = 7, .batch = 256, .end = 256, .steps = 1000, .views =
//   {{.shape = {3, 32, 32}}}},
//                 transform, {.threads = 4});
//   while (...) {
//     image::Batch batch = loader.next();
//     ...
//     loader.recycle(std::move(batch));
//   }
//
// A batch is a function of the data set, the order and the plan; the number of threads does not
// enter.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "core/options.h"
#include "data/dataset.h"
#include "data/order.h"
#include "image/batch.h"
#include "image/encoded.h"

namespace espalier::data {

struct LoaderOptions {
  int64_t threads = 1;
  int64_t depth = 2;  // batches made ahead

  Fields fields();
};

// Which part of the stream is loaded, and into what.
struct LoaderPlan {
  uint64_t seed = 0;
  uint64_t first_position = 0;  // where step 0 of this loader begins
  int64_t batch = 0;            // global: step s takes [first + s * batch, first + (s + 1) * batch)
  int64_t begin = 0, end = 0;   // this rank's samples in each batch
  int64_t steps = 0;            // batches that next() will give
  std::vector<image::SlabFormat> views;
};

class Loader {
 public:
  // Makes all views of one sample: view v at `into[v]`, in the format of the plan. `key.view` is 0.
  // Called from many threads at once.
  using Transform = std::function<void(const image::Encoded&, const image::SampleKey& key,
                                       std::span<std::byte* const> into)>;

  // `dataset` outlives the loader.
  Loader(const Dataset& dataset, Order order, LoaderPlan plan, Transform transform,
         const LoaderOptions& options);
  ~Loader();
  Loader(const Loader&) = delete;

  // The next step's batch, this rank's samples of it. One thread. What went wrong with its first
  // bad sample is thrown here, with the sample's key.
  image::Batch next();

  // Optional: gives a batch's memory back, so that a later step need not ask the system for its
  // own.
  void recycle(image::Batch batch);

  // How long next() has waited so far.
  double wait_seconds() const { return wait_seconds_; }

 private:
  // A step under way. Its samples are handed out one by one; it is ready when none is left.
  struct Slot {
    image::Batch batch;
    int64_t left = 0;
    int64_t bad_sample = -1;
    std::exception_ptr error;
  };

  void work();
  void make_room(int64_t step);
  void make_sample(Slot& slot, int64_t sample) const;

  const Dataset& dataset_;
  Order order_;
  const LoaderPlan plan_;
  const Transform transform_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;  // of step s: s modulo their number
  std::vector<image::Batch> spare_;
  int64_t given_out_ = 0;  // samples handed to workers, counted over all steps
  int64_t opened_ = 0;     // steps that have room
  int64_t delivered_ = 0;  // steps that next() has returned
  bool stopped_ = false;
  double wait_seconds_ = 0;
  std::vector<std::jthread> workers_;
};

}  // namespace espalier::data

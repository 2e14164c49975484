// Prefetches batches for the training loop: threads read each sample once and write every view of
// it into its place in the batch.
//
//   const LoaderPlan plan{.seed = 7, .batch = 256, .end = 256, .steps = 1000, .views = formats};
//   Loader loader(dataset, order, plan, transform, {.threads = 4});
//   while (...) {
//     image::Batch batch = loader.next();
//     ...
//     loader.recycle(std::move(batch));
//   }
//
// A batch is a function of the data set, the order and the plan, whatever the number of threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "data/batch_source.h"
#include "image/encoded.h"

namespace espalier::data {

struct LoaderOptions {
  int64_t threads = 1;
  int64_t depth = 2;              // batches to prefetch, at most
  double deadline_seconds = 300;  // how long next() waits while no sample at all becomes ready
};

class Loader : public BatchSource {
 public:
  // Makes all views of one sample: view v at `into[v]`, in the format of the plan. `key.view` is 0.
  // Called from many threads at once.
  using Transform = std::function<void(const image::Encoded&, const image::SampleKey& key,
                                       std::span<std::byte* const> into)>;

  // kIo, naming data.threads, when the system does not start that many.
  Loader(const Dataset& dataset, Order order, LoaderPlan plan, Transform transform,
         const LoaderOptions& options);
  // Waits for the samples that are being made; after a missed deadline only for a moment, and a
  // thread that still hangs in the system is left behind.
  ~Loader() override;
  Loader(const Loader&) = delete;

  // Throws the error of the batch's first bad sample, with the sample's key, and never before the
  // batches of earlier steps were taken. kIo, naming the sample that is waited for, when no sample
  // became ready within the deadline: storage that is slow but makes progress is no error.
  image::Batch next() override;
  void recycle(image::Batch batch) override;

  // How long next() has waited so far.
  double wait_seconds() const { return wait_seconds_; }
  // The same as a share of the time since the loader was made.
  double wait_share() const { return wait_seconds_ / age_.seconds(); }

 private:
  class Crew;

  void dismiss(bool wait);

  std::shared_ptr<Crew> crew_;  // also held by each thread
  std::vector<std::thread> threads_;
  double deadline_seconds_, wait_seconds_ = 0;
  Stopwatch age_;
  bool overdue_ = false;  // a deadline was missed
};

}  // namespace espalier::data

#include "data/loader.h"

#include <new>
#include <utility>

#include "core/activity.h"
#include "core/error.h"
#include "data/loader_crew.h"

namespace espalier::data {
namespace {

constexpr auto kFarewell = std::chrono::seconds(1);

}  // namespace

Loader::Loader(const Dataset& dataset, Order order, LoaderPlan plan, Transform transform,
               const LoaderOptions& options)
    : crew_(std::make_shared<Crew>(dataset, std::move(order), std::move(plan), std::move(transform),
                                   options)),
      deadline_seconds_(options.deadline_seconds) {
  try {
    for (int64_t t = 0; t < options.threads; ++t) {
      threads_.emplace_back([crew = crew_, t] { crew->work(static_cast<size_t>(t)); });
    }
  } catch (const std::exception& error) {  // the system's, or no memory
    const size_t started = threads_.size();
    dismiss(/*wait=*/true);
    throw Error(Kind::kIo,
                "data.threads is {}, the system started {}: {} (try: fewer data.threads, or a "
                "higher ulimit -u or -v)",
                options.threads, started, error.what());
  }
}

Loader::~Loader() { dismiss(!overdue_); }

void Loader::dismiss(bool wait) {
  crew_->stop();
  const bool all_end = wait || crew_->ended(kFarewell);
  for (std::thread& thread : threads_) all_end ? thread.join() : thread.detach();
}

image::Batch Loader::next() {
  const BoundedWait bounded;
  const Stopwatch watch;
  try {
    image::Batch batch = crew_->next(deadline_seconds_);
    wait_seconds_ += watch.seconds();
    return batch;
  } catch (const std::bad_alloc&) {
    throw Error(Kind::kIo,
                "there is not enough memory for the batches that are made ahead (try: "
                "data.depth=1, fewer data.threads, or a smaller batch)");
  } catch (...) {
    overdue_ = watch.seconds() >= deadline_seconds_;
    throw;
  }
}

void Loader::recycle(image::Batch batch) { crew_->recycle(std::move(batch)); }

}  // namespace espalier::data

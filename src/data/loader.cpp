#include "data/loader.h"

#include <algorithm>
#include <utility>

#include "core/clock.h"
#include "core/error.h"

namespace espalier::data {

Fields LoaderOptions::fields() {
  return {
      {"threads", &threads, {.min = 1, .help = "that load, of each rank", .identity = false}},
      {"depth", &depth, {.min = 1, .unit = "batches", .help = "made ahead", .identity = false}},
  };
}

Loader::Loader(const Dataset& dataset, Order order, LoaderPlan plan, Transform transform,
               const LoaderOptions& options)
    : dataset_(dataset),
      order_(std::move(order)),
      plan_(std::move(plan)),
      transform_(std::move(transform)),
      slots_(static_cast<size_t>(options.depth)) {
  check(0 <= plan_.begin && plan_.begin < plan_.end && plan_.end <= plan_.batch, Kind::kBug,
        "samples {} to {} of a batch of {}", plan_.begin, plan_.end, plan_.batch);
  check(plan_.batch <= order_.epoch_size(), Kind::kUsage,
        "a batch of {} is more than the {} samples there are (try: a smaller batch)", plan_.batch,
        order_.epoch_size());
  for (int64_t t = 0; t < options.threads; ++t) workers_.emplace_back([this] { work(); });
}

Loader::~Loader() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
  // The threads are joined after the lock is gone: workers_ is the last member.
}

image::Batch Loader::next() {
  std::unique_lock lock(mutex_);
  check(delivered_ < plan_.steps, Kind::kBug, "all {} batches were taken", plan_.steps);
  Slot& slot = slots_[delivered_ % slots_.size()];
  const Stopwatch watch;
  changed_.wait(lock, [&] { return opened_ > delivered_ && slot.left == 0; });
  wait_seconds_ += watch.seconds();
  if (slot.error) std::rethrow_exception(slot.error);
  ++delivered_;
  image::Batch batch = std::move(slot.batch);
  changed_.notify_all();
  return batch;
}

void Loader::recycle(image::Batch batch) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(batch));
}

void Loader::work() {
  const int64_t share = plan_.end - plan_.begin;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] {
      return stopped_ || given_out_ == plan_.steps * share ||
             given_out_ / share < delivered_ + static_cast<int64_t>(slots_.size());
    });
    if (stopped_ || given_out_ == plan_.steps * share) return;
    const int64_t step = given_out_ / share, sample = given_out_ % share;
    if (step == opened_) make_room(step);
    ++given_out_;
    Slot& slot = slots_[step % slots_.size()];

    lock.unlock();
    std::exception_ptr error;
    try {
      make_sample(slot, sample);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error && (!slot.error || sample < slot.bad_sample)) {
      slot.error = error;
      slot.bad_sample = sample;
    }
    if (--slot.left == 0) changed_.notify_all();
  }
}

// Under the lock: others can begin no sample before.
void Loader::make_room(int64_t step) {
  const int64_t share = plan_.end - plan_.begin;
  Slot& slot = slots_[step % slots_.size()];
  slot = Slot{.batch = {}, .left = share, .bad_sample = -1, .error = {}};
  image::Batch& batch = slot.batch;
  if (!spare_.empty()) {
    batch.views = std::move(spare_.back().views);
    spare_.pop_back();
  }
  batch.position = plan_.first_position + static_cast<uint64_t>(step * plan_.batch + plan_.begin);
  for (int64_t i = 0; i < share; ++i) {
    const Order::Place place = order_.at(batch.position + static_cast<uint64_t>(i));
    batch.samples.push_back(place.sample);
    batch.epochs.push_back(place.epoch);
    batch.labels.push_back(dataset_.label(place.sample));
  }
  batch.views.resize(plan_.views.size());
  for (size_t v = 0; v < plan_.views.size(); ++v) {
    batch.views[v].format = plan_.views[v];
    batch.views[v].bytes.resize(static_cast<size_t>(share * plan_.views[v].bytes()));
  }
  ++opened_;
}

void Loader::make_sample(Slot& slot, int64_t sample) const {
  thread_local std::vector<uint8_t> bytes;
  thread_local std::vector<std::byte*> into;
  const int64_t id = slot.batch.samples[sample];
  const image::Encoded image = dataset_.encoded(id, bytes);
  into.clear();
  for (image::Slab& slab : slot.batch.views) into.push_back(slab.sample(sample));
  try {
    transform_(image,
               {.seed = plan_.seed,
                .epoch = slot.batch.epochs[sample],
                .sample = static_cast<uint64_t>(id)},
               into);
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", dataset_.place(id), error.what());
  }
}

}  // namespace espalier::data

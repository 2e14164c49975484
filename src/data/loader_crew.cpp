#include "data/loader_crew.h"

#include <algorithm>
#include <new>
#include <utility>

#include "core/error.h"

namespace espalier::data {
namespace {

constexpr int64_t kLargestPiece = 16;  // samples that a thread takes at once
constexpr int kLooks = 10;             // at the samples made, while next() waits for the deadline

std::chrono::steady_clock::time_point after(double seconds) {
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(
             std::chrono::duration<double>(seconds));
}

}  // namespace

Loader::Crew::Crew(const Dataset& dataset, Order order, LoaderPlan plan, Transform transform,
                   const LoaderOptions& options)
    : dataset_(dataset),
      order_(std::move(order)),
      plan_(std::move(plan)),
      transform_(std::move(transform)),
      share_(plan_.share()),
      piece_(std::clamp<int64_t>(share_ / (4 * options.threads), 1, kLargestPiece)),
      announce_([this](int64_t first, int64_t last) { dataset_.announce(first, last); }),
      slots_(static_cast<size_t>(std::clamp<int64_t>(options.depth, 1, plan_.steps + 1))),
      busy_(static_cast<size_t>(options.threads)) {
  spare_.reserve(slots_.size());
  plan_.require(order_);
}

void Loader::Crew::work(size_t me) {
  std::unique_lock lock(mutex_);
  ++working_;
  while (true) {
    wanted_.wait(lock, [&] { return stopped_ || may_open() || given_out_ < opened_ * share_; });
    if (stopped_) break;
    if (may_open()) {
      open_step(lock);
    } else {
      make_piece(me, lock);
    }
  }
  --working_;
  ready_.notify_all();
}

void Loader::Crew::open_step(std::unique_lock<std::mutex>& lock) {
  opening_ = true;
  const int64_t step = opened_;
  Slot& slot = slot_of(step);
  slot.bad_sample = -1;
  slot.error = nullptr;
  if (!spare_.empty()) {
    slot.batch = std::move(spare_.back());
    spare_.pop_back();
  }
  lock.unlock();
  std::exception_ptr error;
  try {
    plan_.open(step, dataset_, order_, slot.batch, announce_);
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  if (error) {  // the steps before are still made
    cannot_open_ = error;
    ready_.notify_all();
  } else {
    slot.left = share_;
    ++opened_;
  }
  opening_ = false;
  wanted_.notify_all();
}

void Loader::Crew::make_piece(size_t me, std::unique_lock<std::mutex>& lock) {
  const int64_t first = given_out_, step = first / share_;
  const int64_t count = std::min(piece_, share_ - first % share_);
  given_out_ += count;
  Slot& slot = slot_of(step);
  lock.unlock();
  std::exception_ptr error;
  int64_t bad_sample = -1;
  for (int64_t i = first % share_; i < first % share_ + count; ++i) {
    busy_[me].sample.store(step * share_ + i, std::memory_order_relaxed);
    try {
      make_sample(slot, i);
    } catch (...) {
      if (!error) {
        error = std::current_exception();
        bad_sample = i;
      }
    }
    made_.fetch_add(1, std::memory_order_relaxed);
  }
  busy_[me].sample.store(-1, std::memory_order_relaxed);
  lock.lock();
  if (error && (!slot.error || bad_sample < slot.bad_sample)) {
    slot.error = error;
    slot.bad_sample = bad_sample;
  }
  slot.left -= count;
  if (slot.left == 0) ready_.notify_all();
}

void Loader::Crew::make_sample(Slot& slot, int64_t sample) const {
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
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(Kind::kBug, "{}: {}", dataset_.place(id), error.what());
  }
}

image::Batch Loader::Crew::next(double deadline_seconds) {
  std::unique_lock lock(mutex_);
  check(delivered_ < plan_.steps, Kind::kBug, "all {} batches were taken", plan_.steps);
  Slot& slot = slot_of(delivered_);
  const auto is_ready = [&] {
    return opened_ > delivered_ ? slot.left == 0 : cannot_open_ != nullptr;
  };
  int64_t made = made_.load(std::memory_order_relaxed);
  for (int looks = kLooks; !ready_.wait_until(lock, after(deadline_seconds / kLooks), is_ready);) {
    const int64_t before = std::exchange(made, made_.load(std::memory_order_relaxed));
    looks = made == before ? looks - 1 : kLooks;
    if (looks == 0) throw_overdue(deadline_seconds);
  }
  if (opened_ == delivered_) std::rethrow_exception(cannot_open_);
  if (slot.error) std::rethrow_exception(slot.error);
  ++delivered_;
  image::Batch batch = std::move(slot.batch);
  wanted_.notify_all();
  return batch;
}

// Under the lock. The lowest number is the one that was begun first.
void Loader::Crew::throw_overdue(double seconds) {
  int64_t oldest = -1;
  for (const Busy& busy : busy_) {
    const int64_t sample = busy.sample.load(std::memory_order_relaxed);
    if (sample >= 0 && (oldest < 0 || sample < oldest)) oldest = sample;
  }
  check(oldest >= 0, Kind::kBug, "no sample is being read and none came for {} s", seconds);
  const int64_t id = slot_of(oldest / share_).batch.samples[oldest % share_];
  throw Error(Kind::kIo,
              "{} is not ready, and no other sample was for {} s (try: check the file system, or a "
              "larger train.deadline_seconds)",
              dataset_.place(id), seconds);
}

void Loader::Crew::recycle(image::Batch batch) {
  const std::lock_guard lock(mutex_);
  if (spare_.size() < slots_.size()) spare_.push_back(std::move(batch));
}

void Loader::Crew::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  wanted_.notify_all();
}

bool Loader::Crew::ended(std::chrono::seconds patience) {
  std::unique_lock lock(mutex_);
  return ready_.wait_for(lock, patience, [&] { return working_ == 0; });
}

}  // namespace espalier::data

#include "comm/heartbeat.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <system_error>

#include "comm/operation.h"
#include "core/activity.h"
#include "core/clock.h"
#include "core/log.h"

namespace espalier::comm {
namespace {

constexpr auto kBeat = std::chrono::milliseconds(100);
constexpr double kLongestBeat = 1;  // a later one means that the process was stopped

std::atomic<bool> beating{false};
std::atomic<double> awake{0};
std::atomic<int> peer_waits{0};

struct Watch {
  std::mutex mutex;
  Communicator* control = nullptr;  // null: nothing is watched
  double seconds = 0, since = 0;
  int64_t progress = 0;
};

// Never destroyed: the thread may outlive the statics.
Watch& watch() {
  static auto* const instance = new Watch;
  return *instance;
}

// Ends the process where what is watched has made no progress.
void look() {
  Watch& state = watch();
  const std::lock_guard lock(state.mutex);
  if (state.control == nullptr) return;
  const int64_t progress = progress_count();
  if (progress != state.progress || peer_waits > 0) {
    state.progress = progress;
    state.since = awake_seconds();
  }
  if (awake_seconds() - state.since <= state.seconds) return;
  const Error error(Kind::kPeer,
                    "{} made no progress for {} s in {} (try: a longer train.deadline_seconds "
                    "where that takes so long)",
                    rank_text(state.control->rank()), state.seconds, Activity::current());
  state.control->raise(error);
  log::error("watchdog", "{}", error.what());  // ranks that are processes have left
  std::fflush(nullptr);
  _exit(error.exit_code());
}

}  // namespace

double awake_seconds() {
  static const Stopwatch steady;
  return beating ? awake.load() : steady.seconds();
}

Heartbeat::Heartbeat(std::function<void()> exchange) : exchange_(std::move(exchange)) {
  awake = awake_seconds();
  beating = true;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the main thread
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    throw Error(Kind::kIo, "cannot start a thread: {}", error.what());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
  beating = false;
}

void Heartbeat::run() {
  Stopwatch beat;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kBeat, [this] { return stopped_; })) {
    lock.unlock();
    awake = awake + std::min(beat.lap(), kLongestBeat);
    if (BoundedWait::under_way()) made_progress();
    try {
      exchange_();
      look();
    } catch (const std::exception& error) {  // memory is short, say; the next beat tries again
      log::warning("heartbeat", "{}", error.what());
    }
    lock.lock();
  }
}

Watchdog::Watchdog(Communicator& control, double seconds) {
  Watch& state = watch();
  const std::lock_guard lock(state.mutex);
  state.control = &control;
  state.seconds = seconds;
  state.since = awake_seconds();
  state.progress = progress_count();
}

Watchdog::~Watchdog() {
  Watch& state = watch();
  const std::lock_guard lock(state.mutex);
  state.control = nullptr;
}

PeerWait::PeerWait() { ++peer_waits; }

PeerWait::~PeerWait() {
  --peer_waits;
  made_progress();
}

bool Patience::is_over(int64_t progress) {
  const double now = awake_seconds();
  if (progress != progress_) {
    progress_ = progress;
    since_ = now;
  }
  return now - since_ > seconds_;
}

}  // namespace espalier::comm

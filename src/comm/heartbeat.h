// Who lives, who makes progress, and who does not.
//
// Every process has a thread that wakes ten times a second. It exchanges progress counts with the
// other ranks, hears their alarms, and watches over this process' own work. From that follow the
// rules by which a run never hangs and long work is no failure:
//
//   - A wait for peers ends after a deadline without any progress of a peer (Patience).
//   - It ends after a deadline without heartbeats of all ranks: one is killed, stopped or cut off.
//   - A process that makes no progress for a deadline ends itself, naming what it was doing
//     (Watchdog); its peers, who wait a little longer, get the cause.
//
// Time in which this process is stopped (SIGSTOP, a suspended job) does not count.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "comm/communicator.h"

namespace espalier::comm {

// Seconds that this process was not stopped, since some moment.
double awake_seconds();

// The thread. One in a process; made by World.
class Heartbeat {
 public:
  // `exchange` is called on every beat; it must not throw. kIo where no thread can start.
  explicit Heartbeat(std::function<void()> exchange);
  ~Heartbeat();

 private:
  void run();

  std::function<void()> exchange_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

// While it lives, this process must make progress (core/activity.h) at least every `seconds`, waits
// for peers aside. Otherwise the process ends from the heartbeat thread: peers are told, the rank
// and the activity are logged, exit code 5. One at a time.
class Watchdog {
 public:
  Watchdog(Communicator& control, double seconds);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
};

// Marks a wait for peers, which has deadlines of its own: the watchdog rests.
class PeerWait {
 public:
  PeerWait();
  ~PeerWait();
  PeerWait(const PeerWait&) = delete;
};

// How long a wait for peers may last.
class Patience {
 public:
  explicit Patience(double seconds) : seconds_(seconds), since_(awake_seconds()) {}

  // Whether the time has passed since the wait began and since `progress`, a count of what the
  // peers did, last changed.
  bool is_over(int64_t progress);

 private:
  double seconds_, since_;
  int64_t progress_ = -1;
};

}  // namespace espalier::comm

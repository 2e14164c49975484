// A thread that communicates while others compute.
//
//   CommunicatingThread thread(data);
//   thread.add([&] { data.all_reduce(...).wait(); });
//   thread.drain();
//
// Jobs run one after the other in the order of add(). Between add() and drain() the communicator is
// the thread's. Where the communicator orders streams of a device itself, a job runs in add(): it
// only puts work on a stream. Where MPI grants communication to one thread alone, jobs wait for
// drain(), and nothing overlaps.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "comm/communicator.h"

namespace espalier::sync {

class CommunicatingThread {
 public:
  explicit CommunicatingThread(comm::Communicator& comm);
  // Waits for the job under way; the others are dropped.
  ~CommunicatingThread();
  CommunicatingThread(const CommunicatingThread&) = delete;

  // Any thread; the order of calls is the order of jobs.
  void add(std::function<void()> job);

  // Returns when all jobs have ended. Throws what a job threw; after that no further job runs. An
  // error is raised (Communicator::raise) where it is caught, so peers and this rank's own waits
  // end without waiting for drain().
  void drain();

 private:
  enum class Place { kThread, kAtOnce, kAtDrain };

  void loop();
  void run(const std::function<void()>& job);

  comm::Communicator& comm_;
  const Place place_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool busy_ = false, stopped_ = false;
  std::exception_ptr error_;
  std::optional<std::thread> thread_;
};

}  // namespace espalier::sync

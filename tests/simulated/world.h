// GPUs and NCCL without a GPU: a world of devices, one a rank, that plays comm/cuda_module.h in
// host memory, in the most inconvenient order that the real one allows.
//
//   simulated::Options options{.seed = 7};
//   const simulated::Report report = simulated::run_ranks(3, options,
//       [](comm::Communicator& control, comm::Communicator& data) { ... });
//   EXPECT_EQ(report.text(), "");     // no faults, no rank threw
//
// Ranks are threads, device r is rank r's. A stream is a queue, an event an edge. On every call of
// the host a seeded scheduler runs some of what is enabled anywhere; a collective is enabled when
// every rank's stream has come to it, a message when both ends have, and memory is read and written
// then, not when the call was made. A call is taken in a few polls late. The seed decides what the
// scheduler takes; the threads' own timing stays the machine's.
//
// The compute stream of a device is the host: an event recorded on it is reached at once, and to
// order it after an event blocks the host until then, so that code that computes with CPU tensors
// runs unchanged. (A real host would go on: code in which that host must do something before the
// event can be reached does not fit.) Where nothing can reach the event any more, after an abort
// say, the stream is stuck, as a real one: the host goes on and nothing recorded there is reached.
//
// Faults are collected: use of freed memory, collectives that do not match, a call before the last
// one was taken in, finalize with something in flight or after a failure, use after destroy, and
// what was not released at the end.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "comm/cuda_module.h"
#include "core/error.h"

namespace espalier::simulated {

struct Failure {
  int rank;
  int64_t call;  // that rank's call number, from 0, as NCCL counts them: a group is one
};

struct Options {
  uint64_t seed = 0;
  std::vector<Failure> fails = {};  // asynchronously, once it is the stream's turn
  std::vector<Failure> hangs = {};
  bool abort_hangs = false;
  double stuck_seconds = 20;     // the compute stream, when nothing moves in the world for so long
  double deadline_seconds = 20;  // of the communicators that run_ranks() makes
};

class World {
 public:
  // One at a time in a process.
  World(int ranks, Options options);
  ~World();

  // The module that plays on the world alive. A test that spoils something copies it and replaces
  // functions.
  static const comm::CudaModule& module();
  static World& current();
  static bool is_alive();

  // Device memory, zero at first; kept after free() so that its use is a fault and no crash.
  void* allocate(size_t bytes);
  void free(void* memory);
  // Likewise for memory of others.
  void freed(const void* memory, size_t bytes);
  void allocated(const void* memory, size_t bytes);

  // Puts a kernel on a stream that create_stream() gave.
  void enqueue(comm::Stream stream, std::function<void()> kernel);
  // Runs `body` while the scheduler rests: to look at memory that it may still write.
  void at_rest(const std::function<void()>& body);

  // NCCL calls that `rank` has started.
  int64_t calls(int rank);
  // One a line. The last look is after all communicators, streams, events and memory are gone.
  std::string faults();
  void expect_all_released();

 private:
  friend struct Table;
  struct Event {
    bool reached = false;
  };
  struct Queue;
  struct Member;
  struct Group {
    Member* member = nullptr;
    std::vector<comm::NcclCall> calls;
    std::vector<char> done;
    bool fails = false, hangs = false;
  };
  struct Item {
    std::shared_ptr<Event> record = {}, wait = {};
    std::function<void()> kernel = {};
    std::shared_ptr<Group> group = {};
  };
  struct Queue {  // a stream
    int device = 0;
    bool host = false, stuck = false, destroyed = false;
    bool lazy = false;  // its turn comes seldom
    std::deque<Item> items = {};
  };
  struct Member {  // a communicator of one rank
    uint64_t id = 0;
    int rank = 0, size = 1;
    Queue* queue = nullptr;
    int polls = 0;                       // that still answer "in progress"
    std::shared_ptr<Group> taking = {};  // started, not yet on its stream
    bool failed = false, gone = false, finalizing = false;
    int64_t calls = 0;
  };
  struct Action {
    const Queue* queue;
    std::function<void()> run;
  };
  using Handle = std::shared_ptr<Event>;  // an event as the host has it

  // All under the lock.
  void fault(const std::string& text);
  void advance();  // runs a few actions
  std::vector<Action> enabled();
  void add_group_actions(Group& group, std::vector<Action>& actions);
  Group* head(const Member& member) const;
  void run_collective(const std::vector<Group*>& groups);
  void run_message(Group& from, size_t send, Group& to, size_t receive);
  void end_group(Group& group);
  bool may_use(const Group& group, const void* memory, int64_t bytes);
  bool is_freed(const void* memory, size_t bytes) const;
  void break_up(Member& member);
  Handle* event(void* handle);
  Queue* queue(int device, comm::Stream stream);
  Member* member(void* handle);

  const Options options_;
  std::mutex mutex_;
  std::mt19937_64 random_;
  std::vector<std::string> faults_;
  int64_t progress_ = 0;
  bool broken_ = false;  // something failed, hangs or was aborted
  uint64_t next_id_ = 1;
  std::vector<std::unique_ptr<Queue>> computes_, queues_;
  std::vector<std::unique_ptr<Member>> members_;
  std::map<uint64_t, std::vector<Member*>> groups_;  // by id and rank
  std::set<void*> events_;
  std::map<const std::byte*, size_t> freed_;
  std::map<void*, std::pair<std::unique_ptr<std::byte[]>, size_t>> memory_, pinned_;
};

struct Report {
  std::string faults;
  std::vector<std::optional<Error>> errors;  // by rank: what it threw

  std::string text() const;  // the faults, and a line for each error
};

// Runs `body` on `ranks` threads with a thread communicator as control and an NCCL communicator
// over a world of its own. A rank whose body throws raises the error, as an engine does; both
// communicators are destroyed before the faults are collected. `module` is World::module() or a
// spoiled copy.
using Body = std::function<void(comm::Communicator& control, comm::Communicator& data)>;
Report run_ranks(int ranks, const Options& options, const Body& body,
                 const comm::CudaModule& module = World::module());

}  // namespace espalier::simulated

#include "comm/thread_comm.h"

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>

#include "comm/agree.h"
#include "comm/arithmetic.h"
#include "comm/heartbeat.h"
#include "comm/operation.h"
#include "core/activity.h"

namespace espalier::comm {
namespace {

struct Part {
  const std::byte* send = nullptr;
  std::byte* receive = nullptr;
};

// An operation that its ranks reach one by one; the last to come does the work for all.
struct Meeting {
  enum class State { kGathering, kWorking, kDone };

  Call call;
  std::vector<Part> parts;
  int arrived = 0, first_rank = 0;
  State state = State::kGathering;

  void work() const;
};

void Meeting::work() const {
  const int64_t block = call.count * static_cast<int64_t>(size_of(call.type));
  const size_t bytes = static_cast<size_t>(block);
  const std::string_view name = call.name;
  if (bytes == 0) return;
  if (name == "all_reduce") {
    for (size_t r = 1; r < parts.size(); ++r)
      add(parts[0].receive, parts[r].send, call.count, call.type);
    for (size_t r = 1; r < parts.size(); ++r)
      std::memcpy(parts[r].receive, parts[0].receive, bytes);
  } else if (name == "all_gather") {
    for (const Part& part : parts)
      for (size_t r = 0; r < parts.size(); ++r)
        std::memcpy(part.receive + r * bytes, parts[r].send, bytes);
  } else if (name == "reduce_scatter") {
    for (size_t r = 0; r < parts.size(); ++r) {
      std::memcpy(parts[r].receive, parts[0].send + r * bytes, bytes);
      for (size_t from = 1; from < parts.size(); ++from)
        add(parts[r].receive, parts[from].send + r * bytes, call.count, call.type);
    }
  } else if (name == "broadcast") {
    const Part& root = parts[static_cast<size_t>(call.root)];
    for (const Part& part : parts)
      if (&part != &root) std::memcpy(part.receive, root.send, bytes);
  } else {  // a message: the sender is part 0, the receiver part 1
    std::memcpy(parts[1].receive, parts[0].send, bytes);
  }
}

// What the ranks of a group share, its duplicates included.
struct Shared {
  explicit Shared(int size) : size(size) {}

  const int size;
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Error> alarm;
  // By channel (a duplicate has its own), stream (the collectives, or one pair's messages), and
  // turn.
  std::map<std::tuple<std::string, int, int64_t>, std::shared_ptr<Meeting>> meetings;

  void fail(const Error& error) {  // under the lock
    if (!alarm) alarm = error;
    changed.notify_all();
  }
};

using Meetings = std::vector<std::shared_ptr<Meeting>>;

class MeetingsEnd : public Work::Operation {
 public:
  MeetingsEnd(std::shared_ptr<Shared> shared, Meetings meetings, int rank, double deadline)
      : shared_(std::move(shared)),
        meetings_(std::move(meetings)),
        rank_(rank),
        deadline_(deadline) {}

  void wait() override {
    // All of them, whatever happens: a peer may be reading or writing the buffers.
    bool done = true;
    for (const std::shared_ptr<Meeting>& meeting : meetings_) done &= wait_for(*meeting);
    if (!done) throw Error(*shared_->alarm);
  }

 private:
  // False when an alarm came first.
  bool wait_for(const Meeting& meeting) {
    constexpr auto kTurn = std::chrono::milliseconds(10);
    std::unique_lock lock(shared_->mutex);
    // The buffers are in use while the last rank works: that always ends.
    const auto ended = [&] {
      return meeting.state == Meeting::State::kDone ||
             (shared_->alarm && meeting.state == Meeting::State::kGathering);
    };
    Patience patience(deadline_);
    while (!shared_->changed.wait_for(lock, kTurn, ended)) {
      if (meeting.state == Meeting::State::kGathering && patience.is_over(progress_count()))
        shared_->fail(deadline_error(rank_, deadline_, meeting.call));
    }
    return meeting.state == Meeting::State::kDone;
  }

  std::shared_ptr<Shared> shared_;
  Meetings meetings_;
  int rank_;
  double deadline_;
};

class ThreadCommunicator : public Communicator, public Alarmed {
 public:
  ThreadCommunicator(std::shared_ptr<Shared> shared, int rank, std::string channel, double deadline)
      : shared_(std::move(shared)),
        rank_(rank),
        channel_(std::move(channel)),
        deadline_(deadline) {}

  int rank() const override { return rank_; }
  int size() const override { return shared_->size; }
  std::string name() const override { return "thread"; }

  Work all_reduce(void* buffer, int64_t count, DataType type, Stream) override {
    return together({"all_reduce", count, type}, buffer, buffer);
  }
  Work all_gather(const void* send, void* receive, int64_t count, DataType type, Stream) override {
    return together({"all_gather", count, type}, send, receive);
  }
  Work reduce_scatter(const void* send, void* receive, int64_t count, DataType type,
                      Stream) override {
    return together({"reduce_scatter", count, type}, send, receive);
  }
  Work broadcast(void* buffer, int64_t count, DataType type, int root, Stream) override {
    return together({"broadcast", count, type, root}, buffer, buffer);
  }
  Work exchange(const std::vector<Outgoing>& sends, const std::vector<Incoming>& receives,
                DataType type, Stream) override;
  void barrier() override { together({}, nullptr, nullptr).wait(); }

  std::unique_ptr<Communicator> duplicate() override {
    return std::make_unique<ThreadCommunicator>(
        shared_, rank_, fmt::format("{}/{}", channel_, duplicates_++), deadline_);
  }

  void raise(const Error& error) override {
    std::lock_guard lock(shared_->mutex);
    shared_->fail(Error(error.kind(), "rank {}: {}", rank_, error.what()));
  }

  void set_deadline(double seconds) override { deadline_ = seconds; }
  double deadline() const override { return deadline_; }

  void listen() override {
    std::lock_guard lock(shared_->mutex);
    if (shared_->alarm) throw Error(*shared_->alarm);
  }
  int64_t peers_progress() const override { return progress_count(); }  // the ranks' together

 private:
  Work together(const Call& call, const void* send, void* receive) {
    return end_of({meet(call, size() * size(), size(), rank_, send, receive)});
  }
  Work end_of(Meetings meetings) {
    return Work(std::make_unique<MeetingsEnd>(shared_, std::move(meetings), rank_, deadline_));
  }

  // Comes to the next meeting of `stream` as its part number `part` of `parts`.
  std::shared_ptr<Meeting> meet(const Call& call, int stream, int parts, int part, const void* send,
                                void* receive);

  std::shared_ptr<Shared> shared_;
  int rank_;
  std::string channel_;
  double deadline_;
  int64_t duplicates_ = 0;
  std::map<std::pair<int, int>, int64_t> turns_;  // by stream and part
};

std::shared_ptr<Meeting> ThreadCommunicator::meet(const Call& call, int stream, int parts, int part,
                                                  const void* send, void* receive) {
  std::unique_lock lock(shared_->mutex);
  if (shared_->alarm) throw Error(*shared_->alarm);
  const std::tuple key(channel_, stream, turns_[{stream, part}]++);
  std::shared_ptr<Meeting>& entry = shared_->meetings[key];
  if (!entry) {
    entry = std::make_shared<Meeting>();
    entry->call = call;
    entry->parts.resize(static_cast<size_t>(parts));
    entry->first_rank = rank_;
  }
  const std::shared_ptr<Meeting> meeting = entry;
  if (!(meeting->call == call)) {
    shared_->fail(Error(Kind::kBug, "rank {} calls {} where rank {} calls {}", rank_, call.text(),
                        meeting->first_rank, meeting->call.text()));
    throw Error(*shared_->alarm);
  }
  meeting->parts[static_cast<size_t>(part)] = {static_cast<const std::byte*>(send),
                                               static_cast<std::byte*>(receive)};
  if (++meeting->arrived == parts) {
    shared_->meetings.erase(key);
    meeting->state = Meeting::State::kWorking;
    lock.unlock();
    meeting->work();
    lock.lock();
    meeting->state = Meeting::State::kDone;
    shared_->changed.notify_all();
  }
  return meeting;
}

Work ThreadCommunicator::exchange(const std::vector<Outgoing>& sends,
                                  const std::vector<Incoming>& receives, DataType type, Stream) {
  Meetings messages;
  try {
    for (const auto& [buffer, count, to] : sends)
      messages.push_back(
          meet({"message", count, type}, rank_ * size() + to, 2, 0, buffer, /*receive=*/nullptr));
    for (const auto& [buffer, count, from] : receives)
      messages.push_back(
          meet({"message", count, type}, from * size() + rank_, 2, 1, /*send=*/nullptr, buffer));
  } catch (const Error&) {
    end_of(std::move(messages));  // dropped: waits for those under way
    throw;
  }
  return end_of(std::move(messages));
}

class ThreadFactory : public CommunicatorFactory {
 public:
  std::unique_ptr<Communicator> create(Communicator& control, int device) override {
    agree(control, [&] {
      require_host_memory("thread", device);
      check(control.name() == "thread", Kind::kUsage,
            "parallel.communicator is 'thread' but the ranks of this start are processes joined by "
            "{} (try: parallel.communicator={})",
            control.name(), control.name());
    });
    return control.duplicate();
  }
};

ESPALIER_REGISTER(CommunicatorFactory, ThreadFactory, "thread",
                  "ranks are threads of this process; also the one rank of a plain start");

}  // namespace

std::vector<std::unique_ptr<Communicator>> thread_communicators(int size) {
  const auto shared = std::make_shared<Shared>(size);
  std::vector<std::unique_ptr<Communicator>> group;
  for (int rank = 0; rank < size; ++rank)
    group.push_back(
        std::make_unique<ThreadCommunicator>(shared, rank, "", kDefaultDeadlineSeconds));
  return group;
}

void run_ranks(int size, const std::function<void(Communicator&)>& body) {
  const std::vector<std::unique_ptr<Communicator>> group = thread_communicators(size);
  std::mutex mutex;
  std::exception_ptr first;
  const auto run = [&](Communicator& comm) {
    const auto keep = [&] {
      std::lock_guard lock(mutex);
      if (!first) first = std::current_exception();
    };
    try {
      body(comm);
    } catch (const Error& error) {
      keep();
      comm.raise(error);
    } catch (const std::exception& error) {
      keep();
      comm.raise(Error(Kind::kBug, "{}", error.what()));
    }
  };
  std::vector<std::thread> threads;
  for (const auto& comm : group) threads.emplace_back(run, std::ref(*comm));
  for (std::thread& thread : threads) thread.join();
  if (first) std::rethrow_exception(first);
}

}  // namespace espalier::comm

#include "comm/mpi_comm.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "comm/agree.h"
#include "comm/heartbeat.h"
#include "comm/mpi_process.h"
#include "comm/mpi_sum.h"
#include "comm/operation.h"

namespace espalier::comm::mpi {
namespace {

// Smaller sums over all ranks are MPI's own: it has fewer messages.
constexpr size_t kLargeBytes = 256 << 10;

class Pending : public Work::Operation {
 public:
  // `is_done` is asked under the lock.
  Pending(std::function<bool()> is_done, const Call& call, int rank, double deadline)
      : is_done_(std::move(is_done)), call_(call), rank_(rank), deadline_(deadline) {}
  Pending(Requests requests, const Call& call, int rank, double deadline)
      : Pending([requests = std::move(requests),
                 what = call.text()]() mutable { return are_done(requests, what); },
                call, rank, deadline) {}

  void wait() override {
    const PeerWait waiting;
    const std::string what = call_.text();
    Patience patience(deadline_ + kGraceSeconds);
    const auto give_up = [&] {
      hear();
      require_beats(deadline_, what);
      return patience.is_over(process().peers_progress);
    };
    if (!poll(is_done_, give_up)) leave(deadline_error(rank_, deadline_, call_), /*tell=*/true);
  }

 private:
  std::function<bool()> is_done_;
  Call call_;
  int rank_;
  double deadline_;
};

class MpiCommunicator : public Communicator, public Alarmed {
 public:
  // Takes `comm` over.
  MpiCommunicator(MPI_Comm comm, int64_t largest_count, double deadline)
      : comm_(comm), largest_count_(largest_count), deadline_(deadline) {
    MPI_Comm_rank(comm_, &rank_);
    MPI_Comm_size(comm_, &size_);
  }

  ~MpiCommunicator() override {
    if (std::uncaught_exceptions() > 0 || !granted()) return;  // operations may be under way
    const std::lock_guard guard(process().mutex);
    MPI_Comm_free(&comm_);
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  std::string name() const override { return "mpi"; }

  Work all_reduce(void* buffer, int64_t count, DataType type, Stream) override {
    const Call call{"all_reduce", count, type};
    const bool is_16_bit = size_of(type) == 2;  // MPI cannot add those
    if (is_16_bit || count > largest_count_ || count * size_of(type) > kLargeBytes)
      return sum(call, buffer, buffer, /*scatter=*/false);
    const auto step = [&](int64_t, int n, MPI_Request* request) {
      return MPI_Iallreduce(MPI_IN_PLACE, buffer, n, mpi_type(type), MPI_SUM, comm_, request);
    };
    return begin(call, step);
  }

  Work all_gather(const void* send, void* receive, int64_t count, DataType type, Stream) override {
    if (count <= largest_count_) {
      const auto step = [&](int64_t, int n, MPI_Request* request) {
        return MPI_Iallgather(send, n, mpi_type(type), receive, n, mpi_type(type), comm_, request);
      };
      return begin({"all_gather", count, type}, step);
    }
    std::vector<Outgoing> sends;  // blocks of several pieces
    std::vector<Incoming> receives;
    for (int rank = 0; rank < size_; ++rank) {
      sends.push_back({send, count, rank});
      receives.push_back({byte(receive, rank * count, type), count, rank});
    }
    return exchange(sends, receives, type, nullptr);
  }

  Work reduce_scatter(const void* send, void* receive, int64_t count, DataType type,
                      Stream) override {
    return sum({"reduce_scatter", count, type}, send, receive, /*scatter=*/true);
  }

  Work broadcast(void* buffer, int64_t count, DataType type, int root, Stream) override {
    const auto step = [&](int64_t at, int n, MPI_Request* request) {
      return MPI_Ibcast(byte(buffer, at, type), n, mpi_type(type), root, comm_, request);
    };
    return begin({"broadcast", count, type, root}, step);
  }

  Work exchange(const std::vector<Outgoing>& sends, const std::vector<Incoming>& receives,
                DataType type, Stream) override;

  void barrier() override {
    Requests requests(1);
    {
      const auto guard = lock();
      hear();
      check_mpi(MPI_Ibarrier(comm_, requests.data()), "barrier");
    }
    Pending(std::move(requests), {}, rank_, deadline_).wait();
  }

  std::unique_ptr<Communicator> duplicate() override {
    Requests requests(1);
    MPI_Comm copy = MPI_COMM_NULL;
    {
      const auto guard = lock();
      hear();
      check_mpi(MPI_Comm_idup(comm_, &copy, requests.data()), "MPI_Comm_idup");
    }
    Pending(std::move(requests), {"duplicate"}, rank_, deadline_).wait();
    return std::make_unique<MpiCommunicator>(copy, largest_count_, deadline_);
  }

  void raise(const Error& error) override {
    leave(size_ == 1 ? error : Error(error.kind(), "{}: {}", rank_text(rank_), error.what()),
          /*tell=*/true);
  }
  bool concurrent() const override { return process().level >= MPI_THREAD_SERIALIZED; }
  void set_deadline(double seconds) override { deadline_ = seconds; }
  double deadline() const override { return deadline_; }
  void listen() override {
    const auto guard = lock();
    hear();
    require_beats(deadline_, "a wait for the GPU");
  }
  int64_t peers_progress() const override { return process().peers_progress; }

 private:
  static std::byte* byte(void* buffer, int64_t at, DataType type) {
    return static_cast<std::byte*>(buffer) + at * static_cast<int64_t>(size_of(type));
  }
  static const std::byte* byte(const void* buffer, int64_t at, DataType type) {
    return static_cast<const std::byte*>(buffer) + at * static_cast<int64_t>(size_of(type));
  }

  // Starts step(first element, elements, request) for every piece of the call.
  template <typename Step>
  Work begin(const Call& call, const Step& step) {
    const auto guard = lock();
    hear();
    Requests requests;
    in_pieces(call, call.count, requests, step);
    return Work(std::make_unique<Pending>(std::move(requests), call, rank_, deadline_));
  }

  template <typename Step>
  void in_pieces(const Call& call, int64_t count, Requests& requests, const Step& step) {
    for (int64_t at = 0; at < count; at += largest_count_) {
      const int n = static_cast<int>(std::min(largest_count_, count - at));
      check_mpi(step(at, n, &requests.emplace_back(MPI_REQUEST_NULL)), call.text());
    }
  }

  Work sum(const Call& call, const void* send, void* receive, bool scatter) {
    constexpr int kFirstTag = 2, kTags = 32000;  // every MPI has that many; exchanges have tag 0
    const auto guard = lock();
    hear();
    sums_ = (sums_ + 2) % kTags;
    const std::shared_ptr<Sum> sum =
        Sum::start({comm_, rank_, size_, send, receive, call.count, call.type, scatter,
                    largest_count_, kFirstTag + sums_});
    return Work(
        std::make_unique<Pending>([sum] { return sum->is_done(); }, call, rank_, deadline_));
  }

  MPI_Comm comm_;
  int sums_ = 0;
  int64_t largest_count_;
  double deadline_;
  int rank_ = 0, size_ = 1;
};

Work MpiCommunicator::exchange(const std::vector<Outgoing>& sends,
                               const std::vector<Incoming>& receives, DataType type, Stream) {
  const Call call = call_of(sends, receives, type);
  const auto guard = lock();
  hear();
  Requests requests;
  for (const Incoming& message : receives)
    in_pieces(call, message.count, requests, [&](int64_t at, int n, MPI_Request* request) {
      return MPI_Irecv(byte(message.buffer, at, type), n, mpi_type(type), message.from, 0, comm_,
                       request);
    });
  for (const Outgoing& message : sends)
    in_pieces(call, message.count, requests, [&](int64_t at, int n, MPI_Request* request) {
      return MPI_Isend(byte(message.buffer, at, type), n, mpi_type(type), message.to, 0, comm_,
                       request);
    });
  return Work(std::make_unique<Pending>(std::move(requests), call, rank_, deadline_));
}

class MpiFactory : public CommunicatorFactory {
 public:
  std::unique_ptr<Communicator> create(Communicator& control, int device) override {
    agree(control, [&] {
      require_host_memory("mpi", device);
      check(control.name() == "mpi", Kind::kUsage,
            "parallel.communicator is 'mpi' but no MPI launcher started this process "
            "(try: mpirun -n 2 espalier ..., or parallel.communicator=auto)");
    });
    return control.duplicate();
  }
};

ESPALIER_REGISTER(CommunicatorFactory, MpiFactory, "mpi",
                  "ranks are processes started by mpirun or srun; host memory");

}  // namespace

MPI_Datatype mpi_type(DataType type) {
  switch (type) {
    case DataType::u8:
      return MPI_UINT8_T;
    case DataType::i64:
      return MPI_INT64_T;
    case DataType::bf16:
    case DataType::f16:
      return MPI_UINT16_T;
    case DataType::f32:
      return MPI_FLOAT;
    case DataType::f64:
      return MPI_DOUBLE;
  }
  return MPI_DATATYPE_NULL;
}

std::unique_ptr<Communicator> world(int64_t largest_count) {
  const auto guard = lock();
  MPI_Comm copy = MPI_COMM_NULL;
  check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &copy), "MPI_Comm_dup");
  return std::make_unique<MpiCommunicator>(copy, largest_count, kDefaultDeadlineSeconds);
}

}  // namespace espalier::comm::mpi

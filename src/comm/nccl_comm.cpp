#include "comm/nccl_comm.h"

#include <unistd.h>

#include <exception>

#include "comm/agree.h"
#include "comm/heartbeat.h"
#include "comm/operation.h"
#include "comm/topology.h"
#include "core/clock.h"

namespace espalier::comm {
namespace {

// The communicator inside the module, and how it ends: once, in order or by abort.
struct Handle {
  const CudaModule& module;
  std::unique_ptr<Communicator> host;  // carries ids, barriers and alarms
  void* nccl = nullptr;
  double deadline = kDefaultDeadlineSeconds;

  Handle(const CudaModule& cuda, std::unique_ptr<Communicator> control)
      : module(cuda), host(std::move(control)) {}
  Handle(const Handle&) = delete;
  ~Handle() {
    if (nccl != nullptr) module.abort(nccl);
  }

  [[noreturn]] void fail(const Error& error) {
    if (nccl != nullptr) module.abort(std::exchange(nccl, nullptr));
    throw Error(error);
  }

  void require(bool success, const std::string& what, const CudaText& reason) {
    if (!success) fail(Error(Kind::kPeer, "{} failed: {}", what, reason.bytes));
  }

  // Polls until done; the communicator is aborted when it fails, when a peer raised and at the
  // deadline.
  template <typename Poll>
  void poll(const Call& call, const Poll& state) {
    const PeerWait waiting;
    const Stopwatch watch;
    Patience patience(deadline + (host->name() == "mpi" ? kGraceSeconds : 0));
    auto& alarmed = dynamic_cast<Alarmed&>(*host);
    CudaText reason{};
    for (;;) {
      const CudaState now = state(&reason);
      if (now == CudaState::kDone) return;
      require(now == CudaState::kRunning, call.text(), reason);
      try {
        alarmed.listen();
      } catch (const Error& error) {
        fail(error);
      }
      if (patience.is_over(alarmed.peers_progress()))
        fail(deadline_error(host->rank(), deadline, call));
      if (watch.seconds() > 200e-6) usleep(20);
    }
  }

  void poll_ready(const Call& call) {
    poll(call, [&](CudaText* reason) { return module.ready(nccl, reason); });
  }
};

class Event : public Work::Operation {
 public:
  Event(std::shared_ptr<Handle> handle, void* event, const Call& call)
      : handle_(std::move(handle)), event_(event), call_(call) {}
  ~Event() override { handle_->module.release(event_); }

  void wait() override {
    check(handle_->nccl != nullptr, Kind::kPeer, "{}: the NCCL communicator was aborted",
          call_.text());
    handle_->poll(call_, [&](CudaText* reason) {
      return handle_->module.reached(handle_->nccl, event_, reason);
    });
  }

 private:
  std::shared_ptr<Handle> handle_;
  void* event_;
  Call call_;
};

class NcclCommunicator : public Communicator {
 public:
  NcclCommunicator(std::shared_ptr<Handle> handle, int device)
      : handle_(std::move(handle)), device_(device) {}

  ~NcclCommunicator() override {
    if (handle_->nccl == nullptr) return;
    if (std::uncaught_exceptions() > 0) {  // the others will not come to the end of NCCL
      handle_->module.abort(std::exchange(handle_->nccl, nullptr));
      return;
    }
    try {
      CudaText reason{};
      const Call end{"end of NCCL"};
      handle_->require(handle_->module.finalize(handle_->nccl, &reason), end.name, reason);
      handle_->poll_ready(end);
      handle_->module.destroy(std::exchange(handle_->nccl, nullptr));
    } catch (const Error&) {  // aborted
    }
  }

  int rank() const override { return handle_->host->rank(); }
  int size() const override { return handle_->host->size(); }
  std::string name() const override { return "nccl"; }

  Work all_reduce(void* buffer, int64_t count, DataType type, Stream stream) override {
    return start({"all_reduce", count, type}, NcclOperation::kAllReduce, buffer, buffer, stream);
  }
  Work all_gather(const void* send, void* receive, int64_t count, DataType type,
                  Stream stream) override {
    return start({"all_gather", count, type}, NcclOperation::kAllGather, send, receive, stream);
  }
  Work reduce_scatter(const void* send, void* receive, int64_t count, DataType type,
                      Stream stream) override {
    return start({"reduce_scatter", count, type}, NcclOperation::kReduceScatter, send, receive,
                 stream);
  }
  Work broadcast(void* buffer, int64_t count, DataType type, int root, Stream stream) override {
    return start({"broadcast", count, type, root}, NcclOperation::kBroadcast, buffer, buffer,
                 stream);
  }
  Work send(const void* buffer, int64_t count, DataType type, int to, Stream stream) override {
    return start({"send", count, type, to}, NcclOperation::kSend, buffer, nullptr, stream);
  }
  Work receive(void* buffer, int64_t count, DataType type, int from, Stream stream) override {
    return start({"receive", count, type, from}, NcclOperation::kReceive, nullptr, buffer, stream);
  }
  void barrier() override { handle_->host->barrier(); }

  std::unique_ptr<Communicator> duplicate() override {
    return make_nccl_communicator(handle_->module, *handle_->host, device_);
  }

  void raise(const Error& error) override {
    handle_->host->raise(error);  // may leave; the driver then ends what is in flight
    if (handle_->nccl != nullptr) handle_->module.abort(std::exchange(handle_->nccl, nullptr));
  }

  void set_deadline(double seconds) override {
    handle_->deadline = seconds;
    handle_->host->set_deadline(seconds);
  }

 private:
  Work start(const Call& call, NcclOperation operation, const void* send, void* receive,
             Stream stream) {
    check(handle_->nccl != nullptr, Kind::kPeer, "{}: the NCCL communicator was aborted",
          call.text());
    const CudaModule& module = handle_->module;
    const NcclCall request{operation, send, receive, call.count, call.type, call.root};
    CudaText reason{};
    handle_->require(module.start(handle_->nccl, &request, stream, &reason), call.text(), reason);
    handle_->poll_ready(call);
    void* event = module.mark(handle_->nccl, &reason);
    handle_->require(event != nullptr, call.text(), reason);
    return Work(std::make_unique<Event>(handle_, event, call));
  }

  std::shared_ptr<Handle> handle_;
  int device_;
};

class NcclFactory : public CommunicatorFactory {
 public:
  std::unique_ptr<Communicator> create(Communicator& control, int device) override {
    agree(control, [&] {
      const CudaModule* module = cuda_module();
      check(module != nullptr, Kind::kUsage, "parallel.communicator is 'nccl' but {}",
            cuda_module_reason());
      CudaText reason{};
      check(module->device_count(&reason) > 0, Kind::kUsage,
            "parallel.communicator is 'nccl' but {} has no GPU to use: {}", host_name(),
            reason.bytes);
      check(device >= 0, Kind::kUsage,
            "parallel.communicator is 'nccl' but train.device is cpu (try: train.device=cuda)");
    });
    return make_nccl_communicator(*cuda_module(), control, device);
  }
};

ESPALIER_REGISTER(CommunicatorFactory, NcclFactory, "nccl", "one GPU a rank, joined by NCCL");

}  // namespace

std::unique_ptr<Communicator> make_nccl_communicator(const CudaModule& module,
                                                     Communicator& control, int device) {
  auto handle = std::make_shared<Handle>(module, control.duplicate());
  Communicator& host = *handle->host;
  NcclId id{};
  CudaText reason{};
  on_rank_zero(host, [&] {
    check(module.unique_id(&id, &reason), Kind::kUsage, "NCCL gives no id: {}", reason.bytes);
  });
  host.broadcast(id.bytes, sizeof id.bytes, DataType::u8, 0).wait();
  agree(host, [&] {
    handle->nccl = module.create(&id, host.rank(), host.size(), device, &reason);
    check(handle->nccl != nullptr, Kind::kUsage, "NCCL cannot start: {}", reason.bytes);
  });
  handle->poll_ready({"start of NCCL"});
  host.barrier();
  return std::make_unique<NcclCommunicator>(handle, device);
}

}  // namespace espalier::comm

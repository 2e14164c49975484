#include "comm/nccl_comm.h"

#include <exception>

#include "comm/agree.h"
#include "comm/nccl_handle.h"
#include "comm/topology.h"

namespace espalier::comm {
namespace {

class OnStream : public Work::Operation {
 public:
  OnStream(std::shared_ptr<NcclHandle> handle, std::shared_ptr<NcclHandle::Mark> mark)
      : handle_(std::move(handle)), mark_(std::move(mark)) {}
  void wait() override { handle_->wait(*mark_); }
  void then(Stream stream) override { handle_->order(stream, *mark_); }

 private:
  std::shared_ptr<NcclHandle> handle_;
  std::shared_ptr<NcclHandle::Mark> mark_;
};

class NcclCommunicator : public Communicator {
 public:
  explicit NcclCommunicator(std::shared_ptr<NcclHandle> handle) : handle_(std::move(handle)) {}
  ~NcclCommunicator() override { handle_->end(std::uncaught_exceptions() > unwinding_); }

  int rank() const override { return handle_->host().rank(); }
  int size() const override { return handle_->host().size(); }
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
  Work exchange(const std::vector<Outgoing>& sends, const std::vector<Incoming>& receives,
                DataType type, Stream stream) override {
    std::vector<NcclCall> calls;
    for (const auto& [buffer, count, to] : sends)
      calls.push_back({NcclOperation::kSend, buffer, nullptr, count, type, to});
    for (const auto& [buffer, count, from] : receives)
      calls.push_back({NcclOperation::kReceive, nullptr, buffer, count, type, from});
    if (calls.empty()) return Work();
    return start(call_of(sends, receives, type), calls, stream);
  }
  void barrier() override { handle_->host().barrier(); }

  Stream compute_stream() const override {
    return handle_->module().current_stream(handle_->device());
  }
  void synchronize(Stream stream) override {
    if (stream != nullptr) handle_->synchronize(stream);
  }

  std::unique_ptr<Communicator> duplicate() override {
    throw Error(Kind::kUsage,
                "the NCCL communicator has no duplicate: two at once may each wait for the other's "
                "kernels (try: Communicator::concurrent() first)");
  }
  bool concurrent() const override { return false; }

  void raise(const Error& error) override { handle_->raise(error); }
  void set_deadline(double seconds) override { handle_->host().set_deadline(seconds); }
  double deadline() const override { return handle_->host().deadline(); }

 private:
  Work start(const Call& call, NcclOperation operation, const void* send, void* receive,
             Stream stream) {
    return start(call, {{operation, send, receive, call.count, call.type, call.root}}, stream);
  }
  Work start(const Call& call, const std::vector<NcclCall>& calls, Stream stream) {
    return Work(std::make_unique<OnStream>(handle_, handle_->start(call, calls, stream)));
  }

  const int unwinding_ = std::uncaught_exceptions();
  std::shared_ptr<NcclHandle> handle_;
};

class NcclFactory : public CommunicatorFactory {
 public:
  std::unique_ptr<Communicator> create(Communicator& control, int device) override {
    CudaText identity{};
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
      check(module->identity(device, &identity, &reason), Kind::kUsage, "GPU {} of {}: {}", device,
            host_name(), reason.bytes);
    });
    require_own_device(control, identity.bytes);
    return make_nccl_communicator(*cuda_module(), control, device);
  }
};

ESPALIER_REGISTER(CommunicatorFactory, NcclFactory, "nccl", "one GPU a rank, joined by NCCL");

}  // namespace

std::unique_ptr<Communicator> make_nccl_communicator(const CudaModule& module,
                                                     Communicator& control, int device) {
  return std::make_unique<NcclCommunicator>(
      std::make_shared<NcclHandle>(module, control.duplicate(), device));
}

}  // namespace espalier::comm

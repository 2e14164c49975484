// One communicator of the module on one stream of its own, what is in flight there, and how it
// ends: in order when everything was executed, else by abort. Private to nccl_comm.cpp.
//
// One stream, because two NCCL operations at once may each wait for the other's kernels. Every call
// first looks at what is in flight, the alarm included; an error that this rank is the first to see
// is told to the peers before the communicator is aborted, and it is thrown. Once aborted it stays
// so, and says why at every further call.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "comm/cuda_module.h"
#include "comm/operation.h"

namespace espalier::comm {

class NcclHandle {
 public:
  using Event = std::unique_ptr<void, void (*)(CudaEvent)>;
  // A call that was put on the stream.
  struct Mark {
    Call call;
    Event event;  // null when it was reached
  };

  // Collective: NCCL starts, within the deadline of `host`, which carries the id and the alarms.
  // Throws kUsage, agreed, where it cannot.
  NcclHandle(const CudaModule& module, std::unique_ptr<Communicator> host, int device);
  // Aborts what end() has not ended.
  ~NcclHandle();
  NcclHandle(const NcclHandle&) = delete;

  const CudaModule& module() const { return module_; }
  Communicator& host() const { return *host_; }
  int device() const { return device_; }

  // Puts the calls on the stream as one group, after what `stream` holds now.
  std::shared_ptr<Mark> start(const Call& call, const std::vector<NcclCall>& calls, Stream stream);
  // The host waits.
  void wait(const Mark& mark);
  void synchronize(Stream stream);
  void order(Stream stream, const Mark& mark);  // `stream` waits

  // Tells the peers, then aborts.
  void raise(const Error& error);

  // Collective, unless it has to abort: where an error is known, or `unwinding` says that one is on
  // its way. Nothing is thrown.
  void end(bool unwinding);

 private:
  void require_open(const Call& call) const;
  void require(bool success, const Call& call, const CudaText& reason);
  Event record(Stream stream, const Call& call);
  // Takes what has been executed out of flight. Ends as a wait does when NCCL failed or a peer
  // raised.
  void settle();
  void poll(const Call& call, const std::function<CudaState(CudaText*)>& state);
  void poll_ready(const Call& call);
  [[noreturn]] void fail(const Error& error, bool tell);
  void abort(const Error& cause);

  const CudaModule& module_;
  std::unique_ptr<Communicator> host_;
  int device_;
  void* nccl_ = nullptr;
  Stream stream_ = nullptr;
  std::deque<std::shared_ptr<Mark>> in_flight_;  // executed in this order
  std::optional<Error> aborted_;                 // why
};

}  // namespace espalier::comm

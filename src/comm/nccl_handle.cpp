#include "comm/nccl_handle.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

#include "comm/agree.h"
#include "comm/heartbeat.h"
#include "core/clock.h"
#include "core/log.h"

namespace espalier::comm {
namespace {

// While it lives, `what` may take the deadline, 30 s at most; then the process ends. ncclCommAbort
// tells kernels to end, and waits for ever where one does not see it.
std::jthread watch_over(std::string what, double deadline) {
  const double seconds = std::clamp(deadline, 1.0, 30.0);
  return std::jthread([what = std::move(what), seconds](const std::stop_token& over) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, over, std::chrono::duration<double>(seconds), [] { return false; });
    if (over.stop_requested()) return;
    log::error("espalier", "{} hung for {} s: this process ends (try: the driver's log, dmesg)",
               what, seconds);
    std::fflush(nullptr);
    _exit(static_cast<int>(Kind::kPeer));
  });
}

}  // namespace

NcclHandle::NcclHandle(const CudaModule& module, std::unique_ptr<Communicator> host, int device)
    : module_(module), host_(std::move(host)), device_(device) {
  NcclId id{};
  CudaText reason{};
  on_rank_zero(*host_, [&] {
    check(module_.unique_id(&id, &reason), Kind::kUsage, "NCCL gives no id: {}", reason.bytes);
  });
  host_->broadcast(id.bytes, sizeof id.bytes, DataType::u8, 0).wait();
  try {
    agree(*host_, [&] {
      stream_ = module_.create_stream(device_, &reason);
      if (stream_ != nullptr)
        nccl_ = module_.create(&id, host_->rank(), host_->size(), device_, &reason);
      check(nccl_ != nullptr, Kind::kUsage, "NCCL cannot start: {}", reason.bytes);
    });
    poll_ready({"start of NCCL"});
    host_->barrier();
  } catch (const Error& error) {  // no destructor follows
    abort(error);
    if (stream_ != nullptr) module_.destroy_stream(device_, stream_);
    throw;
  }
}

NcclHandle::~NcclHandle() {
  abort(Error(Kind::kBug, "it was not ended"));
  module_.destroy_stream(device_, stream_);
}

std::shared_ptr<NcclHandle::Mark> NcclHandle::start(const Call& call,
                                                    const std::vector<NcclCall>& calls,
                                                    Stream stream) {
  require_open(call);
  settle();
  order(stream_, {call, record(stream, call)});
  CudaText reason{};
  require(module_.start(nccl_, calls.data(), static_cast<int>(calls.size()), stream_, &reason),
          call, reason);
  poll_ready(call);
  return in_flight_.emplace_back(std::make_shared<Mark>(Mark{call, record(stream_, call)}));
}

NcclHandle::Event NcclHandle::record(Stream stream, const Call& call) {
  CudaText reason{};
  Event event(module_.record(device_, stream, &reason), module_.release);
  require(event != nullptr, call, reason);
  return event;
}

void NcclHandle::wait(const Mark& mark) {
  if (mark.event == nullptr) return;
  require_open(mark.call);
  poll(mark.call,
       [&](CudaText*) { return mark.event == nullptr ? CudaState::kDone : CudaState::kRunning; });
}

void NcclHandle::order(Stream stream, const Mark& mark) {
  if (mark.event == nullptr) return;
  require_open(mark.call);
  CudaText reason{};
  require(module_.order(device_, stream, mark.event.get(), &reason), mark.call, reason);
}

void NcclHandle::synchronize(Stream stream) {
  const Call call = in_flight_.empty() ? Call{"work on the GPU"} : in_flight_.front()->call;
  require_open(call);
  const Event all = record(stream, call);
  poll(call, [&](CudaText* reason) { return module_.reached(all.get(), reason); });
}

void NcclHandle::raise(const Error& error) {
  host_->raise(error);  // may leave; the driver then ends what is in flight
  abort(error);
}

void NcclHandle::end(bool unwinding) {
  if (nccl_ == nullptr) return;
  const Call end{"end of NCCL"};
  try {
    if (unwinding) fail(Error(Kind::kPeer, "an error has ended its owner"), /*tell=*/false);
    poll(end,
         [&](CudaText*) { return in_flight_.empty() ? CudaState::kDone : CudaState::kRunning; });
    CudaText reason{};
    require(module_.finalize(nccl_, &reason), end, reason);
    poll_ready(end);
    const std::jthread watch = watch_over("ncclCommDestroy", host_->deadline());
    module_.destroy(std::exchange(nccl_, nullptr));
  } catch (const Error&) {  // aborted; whoever is told of the error, is told elsewhere
  }
}

void NcclHandle::require_open(const Call& call) const {
  if (nccl_ != nullptr) return;
  const Error cause = aborted_.value_or(Error(Kind::kBug, "it has ended"));
  throw Error(cause.kind(), "{}: the NCCL communicator was aborted ({})", call.text(),
              cause.what());
}

void NcclHandle::require(bool success, const Call& call, const CudaText& reason) {
  if (!success) fail(Error(Kind::kPeer, "{} failed: {}", call.text(), reason.bytes), /*tell=*/true);
}

void NcclHandle::settle() {
  CudaText reason{};
  while (!in_flight_.empty()) {
    Mark& first = *in_flight_.front();
    const CudaState state = module_.reached(first.event.get(), &reason);
    require(state != CudaState::kFailed, first.call, reason);
    if (state == CudaState::kRunning) break;
    first.event.reset();
    in_flight_.pop_front();
  }
  // A dead peer shows in the communicator, not in an event.
  const Call call = in_flight_.empty() ? Call{"NCCL"} : in_flight_.front()->call;
  require(module_.ready(nccl_, &reason) != CudaState::kFailed, call, reason);
  try {
    dynamic_cast<Alarmed&>(*host_).listen();
  } catch (const Error& error) {
    fail(error, /*tell=*/false);
  }
}

// Polls until done, in flight and alarm included; the deadline runs.
void NcclHandle::poll(const Call& call, const std::function<CudaState(CudaText*)>& state) {
  const PeerWait waiting;
  const Stopwatch watch;
  Patience patience(host_->deadline() + (host_->name() == "mpi" ? kGraceSeconds : 0));
  const auto& alarmed = dynamic_cast<const Alarmed&>(*host_);
  CudaText reason{};
  for (;;) {
    settle();
    const CudaState now = state(&reason);
    if (now == CudaState::kDone) return;
    require(now == CudaState::kRunning, call, reason);
    if (patience.is_over(alarmed.peers_progress()))
      fail(deadline_error(host_->rank(), host_->deadline(), call), /*tell=*/true);
    if (watch.seconds() > 200e-6) usleep(20);
  }
}

void NcclHandle::poll_ready(const Call& call) {
  poll(call, [&](CudaText* reason) { return module_.ready(nccl_, reason); });
}

void NcclHandle::fail(const Error& error, bool tell) {
  if (tell) host_->raise(error);  // may leave
  abort(error);
  throw Error(error);
}

void NcclHandle::abort(const Error& cause) {
  if (nccl_ == nullptr) return;
  aborted_ = cause;
  const std::jthread watch = watch_over(
      fmt::format("{}: ncclCommAbort after \"{}\"", rank_text(host_->rank()), cause.what()),
      host_->deadline());
  module_.abort(std::exchange(nccl_, nullptr));
}

}  // namespace espalier::comm

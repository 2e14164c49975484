#include "comm/device_staging.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "comm/nccl_comm.h"
#include "core/clock.h"

namespace espalier::comm {
namespace {

void require(bool success, const Gpu& gpu, const char* what, const CudaText& reason) {
  check(success, Kind::kIo, "GPU {}: {} failed: {} (try: espalier doctor)", gpu.device, what,
        reason.bytes);
}

std::shared_ptr<void> event_after(const Gpu& gpu, Stream stream) {
  CudaText reason{};
  const CudaEvent event = gpu.module->record(gpu.device, stream, &reason);
  require(event != nullptr, gpu, "marking a copy", reason);
  return {event, gpu.module->release};
}

void order(const Gpu& gpu, Stream stream, const std::shared_ptr<void>& event) {
  CudaText reason{};
  require(gpu.module->order(gpu.device, stream, event.get(), &reason), gpu,
          "ordering a stream after a copy", reason);
}

// False where the event is not reached within `seconds`; no limit where they are negative: the
// process' watchdog (comm/heartbeat.h) looks over it.
bool wait_for(const Gpu& gpu, const std::shared_ptr<void>& event, double seconds) {
  CudaText reason{};
  for (const Stopwatch watch; event != nullptr;) {
    const CudaState state = gpu.module->reached(event.get(), &reason);
    require(state != CudaState::kFailed, gpu, "a copy", reason);
    if (state == CudaState::kDone) break;
    if (seconds >= 0 && watch.seconds() > seconds) return false;
    if (watch.seconds() > 200e-6) usleep(20);
  }
  return true;
}

class Copied : public Work::Operation {
 public:
  Copied(const Gpu& gpu, std::shared_ptr<void> event) : gpu_(gpu), event_(std::move(event)) {}
  void wait() override { wait_for(gpu_, event_, /*seconds=*/-1); }
  void then(Stream stream) override { order(gpu_, stream, event_); }

 private:
  const Gpu gpu_;
  std::shared_ptr<void> event_;
};

Gpu gpu_of(int device) {
  if (device < 0) return {};
  check(cuda_module() != nullptr, Kind::kUsage, "{}", cuda_module_reason());
  return {cuda_module(), device};
}

}  // namespace

StagingBlock::StagingBlock(const Gpu& gpu, size_t bytes) : gpu_(gpu), bytes_(bytes) {
  CudaText reason{};
  data_ = gpu.module == nullptr ? new std::byte[bytes]
                                : static_cast<std::byte*>(gpu.module->allocate_pinned(
                                      gpu.device, std::max<size_t>(bytes, 1), &reason));
  require(data_ != nullptr, gpu, "pinning host memory", reason);
}

StagingBlock::~StagingBlock() {
  constexpr double kLongest = 10;
  if (gpu_.module == nullptr) {
    delete[] data_;
    return;
  }
  try {
    if (wait_for(gpu_, copied_, kLongest)) gpu_.module->free_pinned(data_);
  } catch (const Error&) {  // the device is lost; its driver may still read
  }
}

void StagingBlock::wait() {
  wait_for(gpu_, copied_, /*seconds=*/-1);
  copied_.reset();
}

Staging::Staging(int device) : Staging(gpu_of(device)) {}

Staging::Staging(const Gpu& gpu) : gpu_(gpu) {
  if (gpu.module == nullptr) return;
  CudaText reason{};
  stream_ = gpu.module->create_stream(gpu.device, &reason);
  require(stream_ != nullptr, gpu, "making a stream", reason);
}

Staging::~Staging() {
  if (stream_ != nullptr) gpu_.module->destroy_stream(gpu_.device, stream_);
}

std::unique_ptr<StagingBlock> Staging::allocate(size_t bytes) const {
  return std::make_unique<StagingBlock>(gpu_, bytes);
}

Work Staging::copy(StagingBlock& from, size_t offset, void* to, size_t bytes, Stream after) {
  check(offset <= from.bytes() && bytes <= from.bytes() - offset, Kind::kBug,
        "a copy of {} bytes from byte {} of a staging block of {}", bytes, offset, from.bytes());
  if (gpu_.module == nullptr) {
    if (bytes > 0) std::memcpy(to, from.data() + offset, bytes);
    return Work();
  }
  if (after != kUnused) order(gpu_, stream_, event_after(gpu_, after));
  CudaText reason{};
  require(
      gpu_.module->copy_to_device(gpu_.device, to, from.data() + offset, bytes, stream_, &reason),
      gpu_, "a copy to it", reason);
  from.copied_ = event_after(gpu_, stream_);
  return Work(std::make_unique<Copied>(gpu_, from.copied_));
}

}  // namespace espalier::comm

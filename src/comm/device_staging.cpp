#include "comm/device_staging.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "comm/nccl_comm.h"
#include "core/clock.h"

namespace espalier::comm {
namespace {

void require_within(const StagingBlock& block, size_t offset, size_t bytes) {
  check(offset <= block.bytes() && bytes <= block.bytes() - offset, Kind::kBug,
        "a copy of {} bytes from byte {} of a staging block of {}", bytes, offset, block.bytes());
}

class HostBlock : public StagingBlock {
 public:
  explicit HostBlock(size_t bytes) : bytes_(bytes) {}
  std::byte* data() override { return bytes_.data(); }
  size_t bytes() const override { return bytes_.size(); }
  void wait() override {}

 private:
  std::vector<std::byte> bytes_;
};

class HostStaging : public Staging {
 public:
  std::unique_ptr<StagingBlock> allocate(size_t bytes) override {
    return std::make_unique<HostBlock>(bytes);
  }
  Work copy(StagingBlock& from, size_t offset, void* to, size_t bytes, Stream) override {
    require_within(from, offset, bytes);
    if (bytes > 0) std::memcpy(to, from.data() + offset, bytes);
    return Work();
  }
};

// The device, and how its refusals are told.
struct Device {
  const CudaModule& module;
  int index;

  void require(bool success, const char* what, const CudaText& reason) const {
    check(success, Kind::kIo, "GPU {}: {} failed: {} (try: espalier doctor)", index, what,
          reason.bytes);
  }
};

// The end of a copy.
class Copied {
 public:
  Copied(const Device& device, Stream stream) : device_(device) {
    CudaText reason{};
    event_ = device.module.record(device.index, stream, &reason);
    device.require(event_ != nullptr, "marking a copy", reason);
  }
  ~Copied() { device_.module.release(event_); }
  Copied(const Copied&) = delete;

  // False where it has not ended within `seconds`; no limit where they are negative. The process'
  // watchdog (comm/heartbeat.h) looks over the wait.
  bool wait(double seconds) const {
    const Stopwatch watch;
    CudaText reason{};
    for (;;) {
      const CudaState state = device_.module.reached(event_, &reason);
      device_.require(state != CudaState::kFailed, "a copy", reason);
      if (state == CudaState::kDone) return true;
      if (seconds >= 0 && watch.seconds() > seconds) return false;
      if (watch.seconds() > 200e-6) usleep(20);
    }
  }

  void order(Stream stream) const {
    CudaText reason{};
    device_.require(device_.module.order(device_.index, stream, event_, &reason),
                    "ordering a stream after a copy", reason);
  }

 private:
  const Device device_;
  CudaEvent event_ = nullptr;
};

class CopyWork : public Work::Operation {
 public:
  explicit CopyWork(std::shared_ptr<const Copied> copied) : copied_(std::move(copied)) {}
  void wait() override { copied_->wait(/*seconds=*/-1); }
  void then(Stream stream) override { copied_->order(stream); }

 private:
  std::shared_ptr<const Copied> copied_;
};

class PinnedBlock : public StagingBlock {
 public:
  PinnedBlock(const Device& device, size_t bytes) : device_(device), bytes_(bytes) {
    CudaText reason{};
    data_ = device.module.allocate_pinned(device.index, std::max<size_t>(bytes, 1), &reason);
    device.require(data_ != nullptr, "pinning host memory", reason);
  }
  ~PinnedBlock() override {
    constexpr double kLongest = 10;
    try {
      if (copied_ && !copied_->wait(kLongest)) return;
    } catch (const Error&) {  // the device is lost; its driver may still read
      return;
    }
    device_.module.free_pinned(data_);
  }
  std::byte* data() override { return static_cast<std::byte*>(data_); }
  size_t bytes() const override { return bytes_; }
  void wait() override {
    if (copied_) copied_->wait(/*seconds=*/-1);
    copied_.reset();
  }

  void set_copied(std::shared_ptr<const Copied> copied) { copied_ = std::move(copied); }

 private:
  const Device device_;
  size_t bytes_;
  void* data_ = nullptr;
  std::shared_ptr<const Copied> copied_;  // the last one
};

class DeviceStaging : public Staging {
 public:
  DeviceStaging(const CudaModule& module, int device) : device_{module, device} {
    CudaText reason{};
    stream_ = module.create_stream(device, &reason);
    device_.require(stream_ != nullptr, "making a stream", reason);
  }
  ~DeviceStaging() override { device_.module.destroy_stream(device_.index, stream_); }

  std::unique_ptr<StagingBlock> allocate(size_t bytes) override {
    return std::make_unique<PinnedBlock>(device_, bytes);
  }

  Work copy(StagingBlock& from, size_t offset, void* to, size_t bytes, Stream after) override {
    require_within(from, offset, bytes);
    Copied(device_, after).order(stream_);
    CudaText reason{};
    device_.require(device_.module.copy_to_device(device_.index, to, from.data() + offset, bytes,
                                                  stream_, &reason),
                    "a copy to it", reason);
    const auto copied = std::make_shared<const Copied>(device_, stream_);
    dynamic_cast<PinnedBlock&>(from).set_copied(copied);
    return Work(std::make_unique<CopyWork>(copied));
  }

 private:
  const Device device_;
  Stream stream_ = nullptr;
};

}  // namespace

std::unique_ptr<Staging> make_staging(const CudaModule& module, int device) {
  return std::make_unique<DeviceStaging>(module, device);
}

std::unique_ptr<Staging> make_staging(int device) {
  if (device < 0) return std::make_unique<HostStaging>();
  check(cuda_module() != nullptr, Kind::kUsage, "{}", cuda_module_reason());
  return make_staging(*cuda_module(), device);
}

}  // namespace espalier::comm

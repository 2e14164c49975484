// Batches on their way to a GPU: the host fills memory that the GPU reads by itself, on a stream of
// its own, while it computes on another. On the host the same calls are plain memory and a copy.
//
//   Staging staging(device);                                    // -1: the host
//   const auto block = staging.allocate(bytes);
//   block->wait();                                              // until no copy reads it any more
//   ... fill block->data() ...
//   Work copied = staging.copy(*block, 0, tensor.data_ptr(), bytes, data.compute_stream());
//   copied.then(data.compute_stream());                         // before the batch is used
//
// Two blocks in turn let the host fill one while the other is copied. Local; one thread at a time
// may use a Staging, and a block belongs to whoever fills it until copy() is called. Failures of
// the device are kIo.
#pragma once

#include <cstddef>
#include <memory>

#include "comm/communicator.h"
#include "comm/cuda_module.h"

namespace espalier::comm {

// A GPU by the module that knows it.
struct Gpu {
  const CudaModule* module = nullptr;  // null: the host
  int device = -1;
};

// Host memory to copy from. May outlive its Staging.
class StagingBlock {
 public:
  StagingBlock(const Gpu& gpu, size_t bytes);
  // Waits until the copies have ended. Where they do not, because the GPU is stuck, it lets go of
  // the memory, which is then never freed.
  ~StagingBlock();
  StagingBlock(const StagingBlock&) = delete;

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  // The host waits until the copies from here have ended, so that it may be filled again.
  void wait();

 private:
  friend class Staging;
  const Gpu gpu_;
  size_t bytes_;
  std::byte* data_ = nullptr;
  std::shared_ptr<void> copied_;  // the event after the last copy
};

class Staging {
 public:
  explicit Staging(int device);  // of cuda_module()
  explicit Staging(const Gpu& gpu);
  ~Staging();
  Staging(const Staging&) = delete;

  std::unique_ptr<StagingBlock> allocate(size_t bytes) const;
  // Copies `bytes` from byte `offset` of the block to device memory, after what `after` holds now:
  // the stream that last used that memory, or kUnused where it is known to be done with it. Copies
  // run in the order of their calls.
  static constexpr Stream kUnused = nullptr;
  Work copy(StagingBlock& from, size_t offset, void* to, size_t bytes, Stream after);

 private:
  const Gpu gpu_;
  Stream stream_ = nullptr;
};

}  // namespace espalier::comm

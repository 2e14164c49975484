// Batches on their way to a GPU: the host fills memory that the GPU reads by itself, on a stream of
// its own, while it computes on another. On the host the same calls are plain memory and a copy.
//
//   const auto staging = make_staging(device);                  // -1: the host
//   const auto block = staging->allocate(bytes);
//   block->wait();                                              // until no copy reads it any more
//   ... fill block->data() ...
//   Work copied = staging->copy(*block, 0, tensor.data_ptr(), bytes, data.compute_stream());
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

// Host memory to copy from. May outlive its Staging. When it is destroyed the copies have ended;
// one that does not (the GPU is stuck) keeps the memory, which is then never freed.
class StagingBlock {
 public:
  virtual ~StagingBlock() = default;
  virtual std::byte* data() = 0;
  virtual size_t bytes() const = 0;
  // The host waits until the copies from here have ended, so that it may be filled again.
  virtual void wait() = 0;
};

class Staging {
 public:
  virtual ~Staging() = default;

  virtual std::unique_ptr<StagingBlock> allocate(size_t bytes) = 0;
  // Copies `bytes` from byte `offset` of the block to device memory, after what `after` holds now:
  // the stream that last used that memory. Copies run in the order of their calls.
  virtual Work copy(StagingBlock& from, size_t offset, void* to, size_t bytes, Stream after) = 0;
};

// For tensors on GPU `device`, by cuda_module(); for those of the host where it is -1.
std::unique_ptr<Staging> make_staging(int device);
std::unique_ptr<Staging> make_staging(const CudaModule& module, int device);

}  // namespace espalier::comm

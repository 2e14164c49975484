// A batch on its way to the device that computes on it, from pinned memory, on a stream of its own.
//
//   DeviceBatch input(gpu, device);
//   input.stage(batch, compute);     // the host copies it and goes on; the device computes on
//   input.use(batch, compute);       // from now on `compute` finds it there
//   input.view(0, first, count, at::kFloat);
//
// Two batches have memory in turn, so one may be staged while the device computes on the other. The
// host must have waited for the step before that (LaneEngine::step does). One thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <memory>
#include <vector>

#include "comm/device_staging.h"
#include "image/batch.h"

namespace espalier::engine {

class DeviceBatch {
 public:
  // Tensors lie on `device`, which `gpu` copies to.
  DeviceBatch(const comm::Gpu& gpu, c10::Device device) : staging_(gpu), device_(device) {}

  void stage(const image::Batch& batch, comm::Stream compute);
  // Stages `batch` where it was not staged before.
  void use(const image::Batch& batch, comm::Stream compute);

  // Of samples [first, first + count) of the batch in use. A view is a new tensor
  // [count, C, H, W]; the others are parts of the batch's.
  at::Tensor view(size_t index, int64_t first, int64_t count, at::ScalarType type) const;
  at::Tensor labels(int64_t first, int64_t count) const;   // i64
  at::Tensor samples(int64_t first, int64_t count) const;  // i64

 private:
  struct Slot {
    std::unique_ptr<comm::StagingBlock> block;
    at::Tensor bytes;                        // on the device: labels, samples, views
    std::vector<image::SlabFormat> formats;  // of the views
    std::vector<int64_t> samples;
    comm::Work copied;
  };
  void allocate(size_t bytes);
  const Slot& used() const { return slots_[static_cast<size_t>(used_)]; }
  at::Tensor numbers(int64_t column, int64_t first, int64_t count) const;

  comm::Staging staging_;
  const c10::Device device_;
  std::array<Slot, 2> slots_;
  int used_ = 1;
  bool staged_ = false;  // the slot that is not in use
};

}  // namespace espalier::engine

#include "engine/device_batch.h"

#include <ATen/ATen.h>

#include <cstring>

#include "core/error.h"
#include "tensor/convert.h"

namespace espalier::engine {
namespace {

constexpr size_t kAlignment = 256;  // of a view, as the device's allocator has it

size_t padded(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

size_t bytes_of_numbers(int64_t samples) { return static_cast<size_t>(samples) * sizeof(int64_t); }

}  // namespace

// Both at once, before there is anything to compute on.
void DeviceBatch::allocate(size_t bytes) {
  for (Slot& slot : slots_) {
    slot.block = staging_.allocate(bytes);
    slot.bytes = at::empty({static_cast<int64_t>(bytes)},
                           at::TensorOptions().dtype(at::kByte).device(device_));
  }
}

void DeviceBatch::stage(const image::Batch& batch, comm::Stream compute) {
  check(!staged_, Kind::kBug, "a batch is staged before the last one is used");
  Slot& slot = slots_[static_cast<size_t>(1 - used_)];
  const size_t numbers = bytes_of_numbers(batch.size());
  size_t bytes = 2 * padded(numbers);
  for (const image::Slab& slab : batch.views) bytes += padded(slab.bytes.size());
  const bool is_new = slot.block == nullptr || slot.block->bytes() < bytes;
  if (is_new) allocate(bytes);
  slot.block->wait();
  std::byte* to = slot.block->data();
  const auto put = [&](const void* from, size_t size) {
    if (size > 0) std::memcpy(to, from, size);
    to += padded(size);
  };
  put(batch.labels.data(), numbers);
  put(batch.samples.data(), numbers);
  slot.formats.clear();
  for (const image::Slab& slab : batch.views) {
    put(slab.bytes.data(), slab.bytes.size());
    slot.formats.push_back(slab.format);
  }
  slot.samples = batch.samples;
  // Memory that LibTorch gives may still be in use on its stream. Later copies follow this one and
  // wait for nothing that may fail: an exchange, say.
  slot.copied = staging_.copy(*slot.block, 0, slot.bytes.data_ptr(), bytes,
                              is_new ? compute : comm::Staging::kUnused);
  staged_ = true;
}

void DeviceBatch::use(const image::Batch& batch, comm::Stream compute) {
  if (!staged_) stage(batch, compute);
  staged_ = false;
  used_ = 1 - used_;
  Slot& slot = slots_[static_cast<size_t>(used_)];
  check(slot.samples == batch.samples, Kind::kBug, "another batch was staged than is used");
  slot.copied.then(compute);
}

at::Tensor DeviceBatch::view(size_t index, int64_t first, int64_t count,
                             at::ScalarType type) const {
  const Slot& slot = used();
  const auto samples = static_cast<int64_t>(slot.samples.size());
  size_t begin = 2 * padded(bytes_of_numbers(samples));
  for (size_t i = 0; i < index; ++i)
    begin += padded(static_cast<size_t>(samples * slot.formats[i].bytes()));
  const image::SlabFormat& format = slot.formats[index];
  return tensor::to_tensor(
      format,
      slot.bytes.narrow(0, static_cast<int64_t>(begin) + first * format.bytes(),
                        count * format.bytes()),
      count, type);
}

at::Tensor DeviceBatch::numbers(int64_t column, int64_t first, int64_t count) const {
  const int64_t width = static_cast<int64_t>(padded(bytes_of_numbers(used().samples.size())));
  return used()
      .bytes
      .narrow(0, column * width + first * static_cast<int64_t>(sizeof(int64_t)),
              count * static_cast<int64_t>(sizeof(int64_t)))
      .view(at::kLong);
}

at::Tensor DeviceBatch::labels(int64_t first, int64_t count) const {
  return numbers(0, first, count);
}

at::Tensor DeviceBatch::samples(int64_t first, int64_t count) const {
  return numbers(1, first, count);
}

}  // namespace espalier::engine

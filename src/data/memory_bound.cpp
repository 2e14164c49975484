#include "data/memory_bound.h"

#include <algorithm>

#include "core/clock.h"
#include "core/error.h"

namespace espalier::data {
namespace {

constexpr int64_t kThreadBytes = 1 << 20;  // stack in use, and what the allocator keeps

// Of options that are larger than anything there is: computed without overflow.
int64_t bytes_of(double count, double each) {
  return static_cast<int64_t>(std::min(count * each, 1e18));
}

std::string megabytes(int64_t bytes) { return with_commas((bytes + 999'999) / 1'000'000); }

}  // namespace

std::string MemoryBound::text() const {
  return fmt::format("{} MB: data set {}, order {}, batches {}, threads {}", megabytes(total()),
                     megabytes(dataset), megabytes(order), megabytes(batches), megabytes(threads));
}

MemoryBound memory_bound(const Dataset& dataset, const Order& order, const LoaderPlan& plan,
                         const LoaderOptions& options) {
  const shards::SampleColumns& table = dataset.index().table;
  int64_t stored = 0, image = 0;
  for (int64_t i = 0; i < table.size(); ++i) {
    stored = std::max(stored, table.stored_bytes(i));
    image = std::max(image, int64_t{table.height[i]} * table.width[i] * table.channels[i]);
  }
  double sample = 3 * 8;  // number, epoch, label
  for (const image::SlabFormat& view : plan.views) sample += static_cast<double>(view.bytes());
  const auto ahead = static_cast<double>(std::min(options.depth, plan.steps + 1));
  return {.dataset = dataset.memory_bytes(),
          .order = order.memory_bytes(),
          .batches = bytes_of((ahead + 1) * static_cast<double>(plan.end - plan.begin), sample),
          .threads = bytes_of(static_cast<double>(options.threads),
                              static_cast<double>(stored + image + kThreadBytes))};
}

void require_memory(const MemoryBound& bound, int64_t most, int64_t available) {
  check(most == 0 || bound.total() <= most, Kind::kUsage,
        "reading takes up to {}; data.max_memory is {} MB (try: fewer data.threads, data.depth=1, "
        "data.read=sample, or more ranks)",
        bound.text(), megabytes(most));
  check(bound.total() <= available, Kind::kIo,
        "reading takes up to {}; {} MB are free here (try: fewer data.threads, data.depth=1, a "
        "smaller data.batch, or more nodes)",
        bound.text(), megabytes(available));
}

}  // namespace espalier::data

// Where the training loop gets its batches from: images that are loaded (data/loader.h), or features
// that were computed before (data/feature_source.h).
#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset.h"
#include "data/order.h"
#include "image/batch.h"

namespace espalier::data {

class BatchSource {
 public:
  virtual ~BatchSource() = default;

  // This rank's samples of the next step's batch. One thread.
  virtual image::Batch next() = 0;
  // Optional: returns the memory of a batch, which a later step uses again.
  virtual void recycle(image::Batch batch) = 0;
};

// Which part of the stream a source gives, and in what form.
struct LoaderPlan {
  uint64_t seed = 0;
  uint64_t first_position = 0;  // where step 0 of this source begins
  int64_t batch = 0;            // global: step s takes [first + s * batch, first + (s + 1) * batch)
  int64_t begin = 0, end = 0;   // this rank's samples in each batch
  int64_t steps = 0;            // batches that next() will give
  std::vector<image::SlabFormat> views;

  int64_t share() const { return end - begin; }
  // kBug where the rank's samples lie outside the batch, kUsage where the batch is larger than an
  // epoch.
  void require(const Order& order) const;
  // Says which samples the batch of `step` holds, and makes room for their views.
  void open(int64_t step, const Dataset& dataset, Order& order, image::Batch& into,
            const EpochOrder::Announce& announce = {}) const;
};

}  // namespace espalier::data

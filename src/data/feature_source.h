// Batches of features, in the order in which a Loader of the same plan gives the images they are of.
//
//   FeatureSource source(dataset, Order(selection, seed), plan, write);
//
// The plan has one view: that of a sample's features (model::view_of).
#pragma once

#include <functional>
#include <span>

#include "data/batch_source.h"

namespace espalier::data {

class FeatureSource : public BatchSource {
 public:
  // Writes the features of `samples`, one after the other.
  using Write = std::function<void(std::span<const int64_t> samples, std::byte* into)>;

  FeatureSource(Dataset dataset, Order order, LoaderPlan plan, Write write);

  // Throws what `write` throws.
  image::Batch next() override;
  void recycle(image::Batch batch) override { spare_ = std::move(batch); }

 private:
  const Dataset dataset_;
  Order order_;
  const LoaderPlan plan_;
  const Write write_;
  image::Batch spare_;
  int64_t step_ = 0;
};

}  // namespace espalier::data

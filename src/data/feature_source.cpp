#include "data/feature_source.h"

#include "core/error.h"

namespace espalier::data {

FeatureSource::FeatureSource(Dataset dataset, Order order, LoaderPlan plan, Write write)
    : dataset_(std::move(dataset)),
      order_(std::move(order)),
      plan_(std::move(plan)),
      write_(std::move(write)) {
  plan_.require(order_);
  check(plan_.views.size() == 1, Kind::kBug, "features are one view, not {}", plan_.views.size());
}

image::Batch FeatureSource::next() {
  check(step_ < plan_.steps, Kind::kBug, "all {} batches were taken", plan_.steps);
  image::Batch batch = std::exchange(spare_, {});
  plan_.open(step_++, dataset_, order_, batch);
  write_(batch.samples, batch.views[0].bytes.data());
  return batch;
}

}  // namespace espalier::data

#include "data/batch_source.h"

#include "core/error.h"

namespace espalier::data {

void LoaderPlan::require(const Order& order) const {
  check(0 <= begin && begin < end && end <= batch, Kind::kBug, "samples {} to {} of a batch of {}",
        begin, end, batch);
  check(batch <= order.epoch_size(), Kind::kUsage,
        "a batch of {} is more than the {} samples there are (try: a smaller batch)", batch,
        order.epoch_size());
}

void LoaderPlan::open(int64_t step, const Dataset& dataset, Order& order, image::Batch& into,
                      const EpochOrder::Announce& announce) const {
  into.position = first_position + static_cast<uint64_t>(step * batch + begin);
  into.samples.clear();
  into.epochs.clear();
  into.labels.clear();
  for (int64_t i = 0; i < share(); ++i) {
    const Order::Place place = order.at(into.position + static_cast<uint64_t>(i), announce);
    into.samples.push_back(place.sample);
    into.epochs.push_back(place.epoch);
    into.labels.push_back(dataset.label(place.sample));
  }
  into.views.resize(views.size());
  for (size_t v = 0; v < views.size(); ++v) {
    into.views[v].format = views[v];
    into.views[v].bytes.resize(static_cast<size_t>(share() * views[v].bytes()));
  }
}

}  // namespace espalier::data

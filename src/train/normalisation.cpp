#include "train/normalisation.h"

#include <fmt/ranges.h>

#include <cmath>

#include "comm/agree.h"
#include "core/cores.h"
#include "core/log.h"
#include "data/channel_statistics.h"
#include "train/open_dataset.h"

namespace espalier::train {
namespace {

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

}  // namespace

RunConfig with_normalisation_of(comm::Communicator& control, RunConfig config,
                                const data::Dataset& set, const data::Selection& training,
                                int64_t channels) {
  const augment::AugmentOptions& given = config.augment;
  if (!given.mean.empty() && !given.std.empty()) return config;
  const auto count = static_cast<size_t>(channels);
  std::vector<double> values(2 * count);  // means, then deviations
  comm::on_rank_zero(control, [&] {
    log::info("data", "augment.mean and augment.std are measured on up to {} images",
              data::kStatisticsImages);
    const auto statistics = data::channel_statistics(set, data::kStatisticsImages,
                                                     core_share().cores, channels, training);
    for (size_t c = 0; c < count; ++c) {
      const double deviation = rounded(statistics.deviation[c]);
      values[c] = rounded(statistics.mean[c]);
      values[count + c] = deviation > 0 ? deviation : 1;
    }
  });
  control.broadcast(values.data(), 2 * channels, comm::DataType::f64, 0).wait();
  const auto middle = values.begin() + channels;
  const std::vector<double> means(values.begin(), middle), deviations(middle, values.end());
  RunConfig settled = config.with_normalisation(given.mean.empty() ? means : given.mean,
                                                given.std.empty() ? deviations : given.std);
  log::info("data", "augment.mean is [{}], augment.std is [{}]",
            fmt::join(settled.augment.mean, ", "), fmt::join(settled.augment.std, ", "));
  return settled;
}

}  // namespace espalier::train

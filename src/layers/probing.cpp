#include "layers/probing.h"

#include <torch/torch.h>

#include <limits>

#include "transfer/probe.h"

namespace espalier::layers {
namespace {

// Right answers of `probe`, fitted before, about some rows.
double right(transfer::Probe& probe, const at::Tensor& features, const at::Tensor& classes,
             const at::Tensor& rows, double strength) {
  return probe.scores(features.index({rows}), strength)
      .argmax(1)
      .eq(classes.index({rows}))
      .sum()
      .item<double>();
}

Share accuracy(const std::string& name, const at::Tensor& features, const Labels& labels) {
  if (!features.isfinite().all().item<bool>())
    return plain(std::numeric_limits<double>::quiet_NaN());
  const auto probe = Registry<transfer::Probe>::create(name);
  const auto fit = [&](const at::Tensor& rows) {
    probe->fit(features.index({rows}), labels.classes.index({rows}), labels.class_count);
  };
  fit(labels.learn);
  double strength = 0, most = -1;
  for (const double one : probe->strengths()) {
    const double hits = right(*probe, features, labels.classes, labels.choose, one);
    if (hits <= most) continue;
    most = hits;
    strength = one;
  }
  fit(torch::cat({labels.learn, labels.choose}));
  return share_of_trials(right(*probe, features, labels.classes, labels.tested, strength),
                         static_cast<double>(labels.tested.size(0)));
}

}  // namespace

Measured probe_accuracy(const std::string& probe, const Look& look) {
  Measured measured;
  if (look.labels == nullptr) return measured;
  for (const at::Tensor& features : look.network.features)
    measured.numbers.push_back(accuracy(probe, features, *look.labels));
  return measured;
}

}  // namespace espalier::layers

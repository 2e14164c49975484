#include "transfer/probe_run.h"

#include <torch/torch.h>

#include <algorithm>

#include "core/activity.h"
#include "tensor/convert.h"
#include "transfer/probe.h"

namespace espalier::transfer {
namespace {

at::Tensor features_of(PrefixCache& cache, model::Backbone& backbone, const FrozenPrefix& prefix,
                       const EvaluationSet& images) {
  const FrozenFeatures features(cache, prefix, images.pass());
  const BegunAtCut begun(backbone, prefix);
  std::vector<at::Tensor> parts;
  const auto pool = [&](const at::Tensor& x, int64_t) {
    parts.push_back(backbone.pooled(backbone.forward({x}, 0, prefix.cut()).values));
    made_progress();
  };
  images.over(pool, &features);
  return torch::cat(parts);
}

double accuracy_of(const at::Tensor& scores, const at::Tensor& labels) {
  return scores.argmax(1).eq(labels).to(torch::kDouble).mean().item<double>();
}

// Rows of `all`, sorted, that `some` are.
at::Tensor rows_of(const data::Selection& some, const data::Selection& all) {
  std::vector<int64_t> rows;
  for (const int64_t i : some) rows.push_back(std::ranges::lower_bound(all, i) - all.begin());
  return tensor::to_tensor(rows, c10::kCPU);
}

double choose_strength(Probe& probe, const at::Tensor& features, const at::Tensor& labels,
                       int64_t classes, const std::vector<data::Split>& folds,
                       const data::Selection& training) {
  const std::vector<double> strengths = probe.strengths();
  if (folds.empty()) return strengths[strengths.size() / 2];
  std::vector<double> sums(strengths.size());
  for (const data::Split& fold : folds) {
    const at::Tensor kept = rows_of(fold.kept, training), out = rows_of(fold.held_out, training);
    probe.fit(features.index({kept}), labels.index({kept}), classes);
    for (size_t i = 0; i < strengths.size(); ++i)
      sums[i] +=
          accuracy_of(probe.scores(features.index({out}), strengths[i]), labels.index({out}));
  }
  return strengths[static_cast<size_t>(std::ranges::max_element(sums) - sums.begin())];
}

}  // namespace

CellOutput run_probe(const Setting& setting, const Cell& cell, const std::string& name,
                     model::Backbone& backbone, const data::Selection& training) {
  const torch::NoGradGuard no_grad;
  const Source* source = setting.source(cell.arm.source);
  const EvaluationSet images = setting.training_images(training, source);
  const EvaluationSet& test_images = setting.test_set(source);
  const FrozenPrefix prefix(backbone, cell.arm.cut, setting.config.sweep.cuts,
                            setting.model().input);
  const at::Tensor features = features_of(setting.prefix_cache(), backbone, prefix, images);
  const at::Tensor tested = features_of(setting.prefix_cache(), backbone, prefix, test_images);
  CellOutput output;
  CellResult& result = output.result;
  if (!features.isfinite().all().item<bool>() || !tested.isfinite().all().item<bool>()) {
    result.status = Status::kDiverged;
    return output;
  }
  const auto probe = Registry<Probe>::create(name);
  const auto folds = setting.folds(training, cell.arm.labels_per_class, cell_key(setting, cell));
  result.probe_strength = probe->strengths().size() == 1
                              ? probe->strengths().front()
                              : choose_strength(*probe, features, images.labels(),
                                                setting.class_count(), folds, training);
  probe->fit(features, images.labels(), setting.class_count());
  const at::Tensor scores = probe->scores(tested, result.probe_strength);
  result.accuracy = accuracy_of(scores, test_images.labels());
  result.loss = torch::cross_entropy_loss(scores, test_images.labels()).item<double>();
  const at::Tensor chosen = scores.argmax(1);
  output.predictions.assign(chosen.const_data_ptr<int64_t>(),
                            chosen.const_data_ptr<int64_t>() + chosen.numel());
  return output;
}

}  // namespace espalier::transfer

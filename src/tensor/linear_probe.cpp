#include "tensor/linear_probe.h"

#include <torch/torch.h>

namespace espalier::tensor {

Ridge::Ridge(const at::Tensor& features, const at::Tensor& classes, int64_t class_count) {
  const at::Tensor x = features.to(torch::kCPU, torch::kDouble);
  const auto count = static_cast<double>(x.size(0));
  mean_ = x.mean(0);
  const at::Tensor deviation = x.std(0, /*unbiased=*/false);
  // A feature that is constant, but for rounding, says nothing and stays 0.
  scale_ = torch::where(deviation > 1e-12 * mean_.abs(), deviation.reciprocal(),
                        torch::zeros_like(deviation));
  const at::Tensor z = (x - mean_) * scale_;
  const at::Tensor y = torch::one_hot(classes.cpu(), class_count).to(torch::kDouble);
  bias_ = y.mean(0);
  std::tie(values_, directions_) = at::linalg_eigh(torch::mm(z.t(), z) / count);
  values_ = values_.clamp_min(0);
  projected_ = torch::mm(directions_.t(), torch::mm(z.t(), y)) / count;
}

LinearProbe Ridge::probe(double decay) const {
  const at::Tensor weight = torch::mm(directions_, projected_ / (values_ + decay).unsqueeze(1));
  return {mean_, scale_, weight, bias_, decay};
}

at::Tensor LinearProbe::scores(const at::Tensor& features) const {
  const at::Tensor x = features.to(torch::kCPU, torch::kDouble);
  return torch::mm((x - mean) * scale, weight) + bias;
}

at::Tensor LinearProbe::predict(const at::Tensor& features) const {
  return scores(features).argmax(1);
}

std::vector<double> probe_decays() { return {1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100}; }

LinearProbe fit_probe(const at::Tensor& features, const at::Tensor& classes, int64_t class_count,
                      double decay) {
  return Ridge(features, classes, class_count).probe(decay);
}

double choose_decay(const at::Tensor& features, const at::Tensor& classes, int64_t class_count,
                    const at::Tensor& held_out) {
  const at::Tensor kept = held_out.logical_not();
  const Ridge ridge(features.index({kept}), classes.index({kept}), class_count);
  const at::Tensor others = features.index({held_out}), truth = classes.index({held_out});
  double best = 0;
  int64_t most = -1;
  for (const double decay : probe_decays()) {
    const auto right = ridge.probe(decay).predict(others).eq(truth).sum().item<int64_t>();
    if (right < most) continue;
    most = right;
    best = decay;
  }
  return best;
}

}  // namespace espalier::tensor

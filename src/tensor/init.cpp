#include "tensor/init.h"

#include <torch/torch.h>

#include "core/error.h"
#include "core/random.h"

namespace espalier::tensor {
namespace {

constexpr double kTruncatedDeviation = 0.02;

double truncated_normal(Draw& draw) {
  double value = draw.normal();
  while (std::abs(value) > 2) value = draw.normal();
  return kTruncatedDeviation * value;
}

void draw_weights(at::Tensor& weight, const std::string& name, InitScheme scheme, uint64_t seed) {
  check(scheme != InitScheme::kAuto, Kind::kBug, "model.init is not settled");
  const int64_t fan_in = weight.numel() / weight.size(0);
  const int64_t fan_out = weight.numel() / weight.size(1);
  Draw draw(seed, "init." + name);
  const double bound = std::sqrt(6.0 / static_cast<double>(fan_in + fan_out));
  const double deviation = std::sqrt(2.0 / static_cast<double>(fan_in));
  const bool tokens = weight.dim() == 3 && weight.size(0) == 1;
  std::vector<double> values(static_cast<size_t>(weight.numel()));
  for (double& value : values)
    value = tokens || scheme == InitScheme::kTruncatedNormal ? truncated_normal(draw)
            : scheme == InitScheme::kGlorotUniform           ? draw.uniform(-bound, bound)
                                                             : deviation * draw.normal();
  weight.copy_(torch::from_blob(values.data(), weight.sizes(), torch::kDouble));
}

}  // namespace

void initialise(torch::nn::Module& module, const std::string& prefix, InitScheme scheme,
                uint64_t seed) {
  const torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    at::Tensor& parameter = item.value();
    const bool is_scale = item.key() == "weight" || item.key().ends_with(".weight");
    if (parameter.dim() >= 2)
      draw_weights(parameter, prefix + item.key(), scheme, seed);
    else
      parameter.fill_(is_scale ? 1.0 : 0.0);
  }
  // Buffers of other kinds hold what their module put there.
  for (auto& item : module.named_buffers()) {
    if (item.key().ends_with("running_var")) item.value().fill_(1);
    if (item.key().ends_with("running_mean") || item.key().ends_with("num_batches_tracked"))
      item.value().zero_();
  }
}

}  // namespace espalier::tensor

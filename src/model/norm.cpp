#include "model/norm.h"

#include <torch/torch.h>

#include "core/error.h"
#include "model/batch_norm.h"

namespace espalier::model {

torch::nn::AnyModule make_norm(Norm norm, int64_t channels) {
  if (norm == Norm::kBatch) return torch::nn::AnyModule(BatchNorm2d(channels));
  if (norm == Norm::kNone) return torch::nn::AnyModule(torch::nn::Identity());
  check(norm == Norm::kGroup, Kind::kBug, "norm {} is no module", norm);
  int64_t groups = std::clamp<int64_t>(channels / 4, 1, 32);
  while (channels % groups != 0) --groups;
  return torch::nn::AnyModule(torch::nn::GroupNorm(groups, channels));
}

}  // namespace espalier::model

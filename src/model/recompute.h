// Activations that are computed a second time in backward instead of being kept: gradient
// checkpointing (Chen et al., "Training deep nets with sublinear memory cost", 2016, section 4).
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace espalier::model {

struct Recomputed {
  std::function<at::Tensor(const at::Tensor&)> run;
  std::vector<at::Tensor> parameters;  // that `run` uses
  std::vector<at::Tensor> buffers;     // that `run` changes; the second run leaves no trace in them
};

// run(x), of which only x is kept. The second run gives the same bits under the same autocast;
// gradients of parameters reach them as if there had been one.
at::Tensor recompute(const at::Tensor& x, Recomputed stage);

}  // namespace espalier::model

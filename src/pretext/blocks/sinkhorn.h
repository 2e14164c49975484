// Codes that share all prototypes equally among the samples.
#pragma once

#include <ATen/core/Tensor.h>

namespace espalier::pretext {

// scores [N, K] -> codes [N, K], without a graph: exp(scores / epsilon), whose columns and rows are
// scaled in turn so that every column sums to N / K and every row to 1, in the end exactly so for
// rows (Caron et al., "Unsupervised learning of visual features by contrasting cluster
// assignments", NeurIPS 2020, section 3.1 and appendix A; Cuturi, "Sinkhorn distances", NIPS 2013).
at::Tensor sinkhorn(const at::Tensor& scores, double epsilon, int64_t iterations);

}  // namespace espalier::pretext

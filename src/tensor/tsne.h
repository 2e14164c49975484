// Features in the plane so that neighbours stay neighbours: t-SNE (van der Maaten & Hinton,
// "Visualizing data using t-SNE", JMLR 2008), exactly, for some hundred rows.
//
// p is symmetric (section 3.1), with a width for each row that gives the perplexity (section 2); q
// is of Student's t with one degree (section 3.3); KL(P || Q) is made small by the gradient (eq. 5)
// with momentum 0.5, then 0.8, and gains (algorithm 1, section 3.4). As scikit-learn does it, and
// unlike the paper: it begins with the first two principal components, p is exaggerated 12 times for
// 250 of the 1,000 steps, and the rate is rows / 48, at least 50. So it draws nothing.
#pragma once

#include <ATen/core/Tensor.h>

namespace espalier::tensor {

struct Plane {
  at::Tensor points;      // f64 [N, 2]
  double divergence = 0;  // KL(P || Q)
};

// `rows` [N, D] finite, N above 3. The perplexity is at most (N - 1) / 3. Pure.
Plane tsne(const at::Tensor& rows, double perplexity = 30);

}  // namespace espalier::tensor

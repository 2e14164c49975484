// The comparison of every view in a batch with every other by cosine, which SimCLR and its
// descendants share.
#pragma once

#include <ATen/core/Tensor.h>

#include "pretext/task.h"

namespace espalier::pretext {

// A part's anchors: all views of some samples, among the N = views * B views of the batch, where
// view v of sample i is row i * views + v.
struct Contrast {
  at::Tensor logits;   // [anchors, N]: cosine / temperature; -infinity where an anchor meets itself
  at::Tensor anchors;  // i64 [anchors]: the anchors' rows
};

// `embeddings` [B, views * D]. Every part scales all rows to length 1, which takes O(N D) beside
// the O(anchors N D) of its own products.
Contrast contrast(const at::Tensor& embeddings, int64_t views, double temperature,
                  const Part& part);

// NT-Xent of two views (Chen et al., "A simple framework for contrastive learning of visual
// representations", ICML 2020, eq. 1), and how many anchors find their partner ("accuracy"): for
// anchor i with partner j,
//   l_i = -log( exp(z_i . z_j / T) / sum_{k != i} exp(z_i . z_k / T) ),
// summed over the anchors of a part. Its weight is the number of all anchors, 2 B.
Compared nt_xent(const at::Tensor& embeddings, double temperature, const Part& part);

// Each sample's query finds the key of its other view among those of the whole batch: `queries` and
// `keys` [B, 2 D], rows of length 1, view v's query against keys of view 1 - v. Cross entropy of
// cosine / temperature, summed over both queries of a part's samples, and how many find their key
// ("accuracy"). Its weight is the number of all queries, 2 B. Gradients reach both.
Compared cross_contrast(const at::Tensor& queries, const at::Tensor& keys, double temperature,
                        const Part& part);

}  // namespace espalier::pretext

// What a student says of one view of an image beside what a teacher says of another (Caron et al.
// 2021, eq. 3): the cross entropy of all pairs of a global crop that the teacher sees and
// another view, global or local, that the student sees.
#pragma once

#include <ATen/core/Tensor.h>

#include "pretext/task.h"

namespace espalier::pretext {

struct CrossView {
  at::Tensor losses;  // [n], the mean over the 2 (V - 1) pairs
  Metrics metrics;    // teacher_entropy and kl = loss - teacher_entropy, in nats
};

// `teacher` are probabilities [2, n, K] of the two global crops, `student` log-probabilities
// [V, n, K] of all views, the global crops first.
CrossView cross_view(const at::Tensor& teacher, const at::Tensor& student);

// [n], the mean over those pairs of the inner product of their rows, [2, n, D] and [V, n, D].
at::Tensor mean_over_pairs(const at::Tensor& teacher, const at::Tensor& student);

// -sum p log p over the last dimension.
at::Tensor entropy(const at::Tensor& probabilities);

}  // namespace espalier::pretext

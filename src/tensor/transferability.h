// What features that rest promise for a task with labels, without training anything on them.
// Features are [N, D], classes i64 [N] in [0, class_count). In float64 on the host; NaN where
// features are not finite.
#pragma once

#include <ATen/core/Tensor.h>

namespace espalier::tensor {

// LogME (You et al., "LogME: practical assessment of pre-trained models for transfer learning", ICML
// 2021, section 4, algorithm 1): the log evidence an image of Bayesian linear regression from the
// features to the one-hot classes, at the precisions of weights and noise that maximise it, mean
// over classes. Precisions are found by the fixed point of algorithm 1. Higher is better; the number
// itself depends on the classes, so it compares features of the same images alone.
double log_me(const at::Tensor& features, const at::Tensor& classes, int64_t class_count);

// H-score (Bao et al., "An information-theoretic approach to transferability in task transfer
// learning", ICIP 2019, definition 2): the trace of cov(f)^+ cov(E[f | class]), the share of the
// features' directions that classes explain. From 0 to class_count - 1, which it reaches without any
// merit where D approaches N.
double h_score(const at::Tensor& features, const at::Tensor& classes, int64_t class_count);

}  // namespace espalier::tensor

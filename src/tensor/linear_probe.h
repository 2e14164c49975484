// A linear classifier on features that rest, solved in closed form: the same bits every time, no
// learning rate, no steps.
//
// Features are standardised by the mean and standard deviation of those it is fitted to; with x
// those and y the one-hot class, W and b minimise mean |y - W x - b|^2 + decay |W|^2 (ridge
// regression: Hoerl & Kennard, Technometrics 1970). One eigendecomposition of the D x D covariance
// serves every decay.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace espalier::tensor {

struct LinearProbe {
  at::Tensor mean, scale;  // f64 [D]: standardised = (x - mean) * scale
  at::Tensor weight;       // f64 [D, classes]
  at::Tensor bias;         // f64 [classes]
  double decay = 0;

  // f64 [N, classes]: near 1 for the class, near 0 for the others.
  at::Tensor scores(const at::Tensor& features) const;
  // The class with the largest score, i64 [N].
  at::Tensor predict(const at::Tensor& features) const;
};

// 1e-5, ..., 100 in factors of 10: small where there are many images, large where there are few.
std::vector<double> probe_decays();

// All that the probes of every decay have in common: made once, it gives each of them quickly.
class Ridge {
 public:
  // As fit_probe().
  Ridge(const at::Tensor& features, const at::Tensor& classes, int64_t class_count);

  LinearProbe probe(double decay) const;

 private:
  at::Tensor mean_, scale_, bias_;
  at::Tensor values_, directions_;  // of the covariance
  at::Tensor projected_;            // its products with the classes, by direction
};

// On `features` [N, D] of `classes` i64 [N] in [0, class_count). In float64 on the host.
LinearProbe fit_probe(const at::Tensor& features, const at::Tensor& classes, int64_t class_count,
                      double decay);

// The decay of probe_decays() whose probe, fitted to the rows that are not `held_out` (bool [N]),
// is right about most of those that are; of equal ones the largest.
double choose_decay(const at::Tensor& features, const at::Tensor& classes, int64_t class_count,
                    const at::Tensor& held_out);

}  // namespace espalier::tensor

// A classifier on features that rest, solved and not trained: no learning rate, no steps. Plug-in
// kind "probe", one file each; its name may stand in transfer.modes.
//
//   auto probe = Registry<Probe>::create("ridge");
//   probe->fit(features, classes, 10);
//   const at::Tensor scores = probe->scores(test_features, /*strength=*/0.1);
//
// One thread. With equal calls it gives equal bits.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "core/registry.h"

namespace espalier::transfer {

class Probe : public Plugin {
 public:
  static constexpr const char* kKind = "probe";

  // What it may be regularised by, the strongest first, of which held-out training images choose
  // one. A single one is not chosen.
  virtual std::vector<double> strengths() const { return {0}; }

  // `features` f32 [N, D], finite; `classes` i64 [N] in [0, class_count).
  virtual void fit(const at::Tensor& features, const at::Tensor& classes, int64_t class_count) = 0;

  // f64 [M, class_count] of `features` [M, D]: the logarithms of probabilities where it has them,
  // else what is largest for the class that it predicts.
  virtual at::Tensor scores(const at::Tensor& features, double strength) = 0;
};

}  // namespace espalier::transfer

// Looking at images with a network that does not learn: class scores and features.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "augment/augment_options.h"
#include "data/dataset.h"
#include "data/selection.h"
#include "engine/network.h"

namespace espalier::engine {

// What one rank of several looks at: every `ranks`-th sample, beginning with the rank's number.
data::Selection share_of(const data::Selection& selection, int rank, int ranks);

// Batches of a selection, in its order, through the evaluation pipeline or another one; no graph, no
// statistics move.
//   visit(x [n, C, H, W] on `device`, indices of the selection [first, first + n))
struct Pass {
  const data::Dataset& dataset;
  const augment::AugmentOptions& augment;
  image::ViewShape shape;
  at::ScalarType type;
  c10::Device device;
  int64_t batch = 250;
  int64_t threads = 1;
  // Instead of the evaluation pipeline; what it draws for a sample depends on `seed` and the sample.
  std::optional<augment::Pipeline> pipeline = {};
  uint64_t seed = 0;

  void over(const data::Selection& selection,
            const std::function<void(const at::Tensor& x, int64_t first)>& visit) const;
};

struct Scores {
  double loss = 0, accuracy = 0;     // mean over the selection
  std::vector<int64_t> predictions;  // class with the largest score
};

// `predict` gives logits [n, classes]; `labels[i]` is the class of sample i of the set among them.
Scores score(const Pass& pass, const data::Selection& selection, const std::vector<int64_t>& labels,
             const std::function<at::Tensor(const at::Tensor&)>& predict);

// The network in evaluation mode while one lives.
class EvaluationMode {
 public:
  explicit EvaluationMode(Network& network) : network_(network) { network_.train(false); }
  ~EvaluationMode() { network_.train(true); }
  EvaluationMode(const EvaluationMode&) = delete;

 private:
  Network& network_;
};

}  // namespace espalier::engine

// Labelled images that networks are scored on, again and again: normalised once and kept in memory
// where they fit.
#pragma once

#include <functional>

#include "transfer/prefix_cache.h"

namespace espalier::transfer {

class EvaluationSet {
 public:
  // `labels[i]` is the class of selection[i]. What `pass` refers to outlives the set. Images are
  // kept when they take at most `most_bytes`, else read at every score().
  EvaluationSet(engine::Pass pass, data::Selection selection, std::vector<int64_t> labels,
                int64_t most_bytes);

  int64_t size() const { return static_cast<int64_t>(selection_.size()); }

  const engine::Pass& pass() const { return pass_; }

  // From any number of threads. `predict` gives logits [n, classes] of images, or of `features`,
  // which are of pass().
  engine::Scores score(const std::function<at::Tensor(const at::Tensor&)>& predict,
                       const FrozenFeatures* features = nullptr) const;

  // Batches of the images, or of their features, in order, without a graph: x [n, C, H, W] are
  // those of images [first, first + n).
  void over(const std::function<void(const at::Tensor& x, int64_t first)>& visit,
            const FrozenFeatures* features = nullptr) const;

  const at::Tensor& labels() const { return labels_; }  // i64 [size()]

 private:
  engine::Pass pass_;
  data::Selection selection_;
  at::Tensor labels_, images_;  // images undefined where they are not kept
};

}  // namespace espalier::transfer

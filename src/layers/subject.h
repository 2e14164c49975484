// A network that is looked at, stage by stage, with what it makes of the same images as others.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/backbone.h"
#include "transfer/evaluation_set.h"

namespace espalier::layers {

struct Subject {
  std::shared_ptr<model::Backbone> backbone;
  std::vector<std::string> stages;
  std::vector<at::Tensor> features = {};  // of each stage, pooled: f32 [N, D]
  std::vector<at::Tensor> views = {};  // likewise of views of some images, [q, M, D]; may be empty

  int64_t stage_count() const { return static_cast<int64_t>(stages.size()); }
};

// Labels of the N images, and which of them teach a classifier, choose its strength, and test it.
struct Labels {
  at::Tensor classes;  // i64 [N]
  int64_t class_count = 0;
  at::Tensor learn, choose, tested;  // i64, rows; three, one and one fifth of each class
};

// The pooled features of each stage, in one pass: f32 [size of `images`, D].
std::vector<at::Tensor> features_of(model::Backbone& backbone,
                                    const transfer::EvaluationSet& images);

// Nothing where fewer than two classes have ten images.
std::optional<Labels> labels_of(const std::vector<int64_t>& classes, int64_t class_count,
                                uint64_t seed);

}  // namespace espalier::layers

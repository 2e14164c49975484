// What tasks share that have no teacher and no memory: the views of an image go through backbone and
// projector, and the loss compares the embeddings of the whole global batch.
//
// Views V x [n, C, H, W] -> a forward over the views of each size -> pooled features -> projector ->
// z [n, V D], a sample's views side by side. A task adds compare(), and view_count() where V is not 2.
#pragma once

#include "pretext/blocks/projector.h"
#include "pretext/task.h"

namespace espalier::pretext {

class JointEmbedding : public Task {
 public:
  Fields fields() override;  // `hidden` and `dimension`
  int64_t view_count() const override { return 2; }
  bool compares() const override { return true; }
  void build(const Site& site) override;
  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override;

 protected:
  // The projector by default; all its hidden layers have one width.
  explicit JointEmbedding(ProjectorShape shape);

 private:
  ProjectorShape shape_;
  int64_t hidden_, dimension_;
  torch::nn::Sequential projector_{nullptr};
};

}  // namespace espalier::pretext

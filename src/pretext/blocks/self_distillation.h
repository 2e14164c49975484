// What DINO and its descendants share: views that are two global crops, which both networks see, and
// smaller local crops, which the student alone sees; and a teacher that is the student's moving
// average (Caron et al. 2021, algorithm 1).
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pretext/blocks/course.h"
#include "pretext/task.h"

namespace espalier::pretext {

class SelfDistillation : public Task {
 public:
  Fields fields() override;
  int64_t view_count() const override { return kGlobalCrops + local_crops_; }
  void weights_drawn(model::Backbone& backbone) override;
  Scalars after_step(model::Backbone& backbone, const Step& step, const Gathered& batch) override;

 protected:
  static constexpr int64_t kGlobalCrops = 2;  // the first views

  // The teacher's backbone. kUsage where the backbone does not take all views.
  void build_teacher(const Site& site);
  // From now on `teacher` follows `student`, which has equal parameters.
  void pair(std::shared_ptr<torch::nn::Module> teacher, std::shared_ptr<torch::nn::Module> student);

  // Pooled, of the views from `first` on, [(V - first) n, D], view by view. Views of one size that
  // follow each other go through the backbone together; forward passes are numbered from `pass`.
  at::Tensor student_features(model::Backbone& backbone, const LaneInput& input, int64_t first = 0,
                              int64_t pass = 0) const;
  // Of the global crops, [2 n, D], without graph and drop path.
  at::Tensor teacher_features(const LaneInput& input) const;

  model::Backbone& teacher() const { return *teacher_; }

 private:
  int64_t local_crops_ = 8;
  Course momentum_{.from = 0.996, .to = 1};
  std::shared_ptr<model::Backbone> teacher_;
  std::vector<std::pair<std::shared_ptr<torch::nn::Module>, std::shared_ptr<torch::nn::Module>>>
      pairs_;
};

}  // namespace espalier::pretext

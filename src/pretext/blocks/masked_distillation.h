// What iBOT and DINOv2 add to DINO: the student's global crops have masked patches, which it
// describes as the teacher, who sees them, does (Zhou et al., "iBOT: image BERT pre-training with
// online tokenizer", ICLR 2022, section 3).
#pragma once

#include "pretext/blocks/block_mask.h"
#include "pretext/blocks/self_distillation.h"

namespace espalier::pretext {

class MaskedDistillation : public SelfDistillation {
 public:
  Fields fields() override;

 protected:
  // What both networks make of a lane. m patches are masked, in the order of `mask`.
  struct Encoded {
    at::Tensor mask;                              // bool [2 n, P], view by view
    at::Tensor teacher, student;                  // pooled, [2 n, D] and [V n, D], view by view
    at::Tensor teacher_patches, student_patches;  // the masked ones, [m, D]
  };

  // The teacher and the mask token. kUsage, naming `task`, where the backbone has no patches or the
  // global crops differ in size.
  void build_masked(const Site& site, const std::string& task);
  Encoded encode(model::Backbone& backbone, const LaneInput& input) const;

  // The largest number of patches of a global crop that may be masked.
  int64_t most_masked() const { return masks_.most_patches(patches_); }

 private:
  BlockMaskOptions masks_;
  model::Patches patches_;  // of a global crop
  at::Tensor mask_token_;   // [D]
};

// losses [m] of masked patches -> [N], the mean over the masked patches of each row of `mask` bool
// [N, P]; 0 where there are none.
at::Tensor mean_of_masked(const at::Tensor& losses, const at::Tensor& mask);

}  // namespace espalier::pretext

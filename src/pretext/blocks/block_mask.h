// Masks of rectangular blocks (Bao et al., "BEiT: BERT pre-training of image transformers", ICLR
// 2022, algorithm 1), as iBOT and DINOv2 draw them: some views are masked and others are not, and
// how much of a view is masked varies.
#pragma once

#include <string_view>

#include "pretext/task.h"

namespace espalier::pretext {

struct BlockMaskOptions {
  double probability = 0.5, least = 0.1, most = 0.5;
  Fields fields();

  // More are never masked.
  int64_t most_patches(const model::Patches& patches) const;
};

// bool [views * n, patches], view by view, on the host: true where a patch is masked. Drawn by
// (seed, epoch, sample, view, name). A view that is masked has one masked patch at least; what
// blocks leave over of its number is made up by single patches.
at::Tensor block_masks(const LaneInput& input, std::string_view name, int64_t views,
                       const model::Patches& patches, const BlockMaskOptions& options);

}  // namespace espalier::pretext

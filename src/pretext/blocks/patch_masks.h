// Which patches an image hides. All masks are drawn by (seed, epoch, sample), and have the same
// number of patches for every sample of a step; they lie on the host.
#pragma once

#include <vector>

#include "pretext/task.h"

namespace espalier::pretext {

// `share` of `patches`, rounded, and at least 1 of each kind.
int64_t share_of(double share, int64_t patches);

struct PatchSplit {
  at::Tensor kept;    // i64 [N, K], in random order
  at::Tensor hidden;  // i64 [N, P - K], in random order
};

// A random split of `patches` places into `kept` and the others.
PatchSplit random_split(const LaneInput& input, std::string_view name, int64_t patches,
                        int64_t kept);

// bool [N, rows, columns]: true in a random `share` of the squares of `side` places that the grid
// is cut into from its top left corner. Squares at the far edges may be cut off.
at::Tensor random_squares(const LaneInput& input, std::string_view name, int64_t rows,
                          int64_t columns, int64_t side, double share);

// Range of a block's area, and of its height divided by its width, both as shares of the grid's.
struct BlockRange {
  double least_area, most_area, least_aspect, most_aspect;
};

struct ContextAndTargets {
  at::Tensor context;  // i64 [N, K], ascending
  at::Tensor targets;  // i64 [N, targets, Q]: patches of each block; blocks may overlap
};

// Target blocks, and `kept` random patches of a context block that are in none of them. The sizes
// of blocks are drawn by (seed, step): one for all targets of all samples.
ContextAndTargets context_and_targets(const LaneInput& input, std::string_view name,
                                      const model::Patches& patches, int64_t kept, int64_t targets,
                                      const BlockRange& context, const BlockRange& target);

}  // namespace espalier::pretext

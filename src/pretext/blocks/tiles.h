// Square parts of images, for tasks that ask where parts lie.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "pretext/task.h"

namespace espalier::pretext {

// The upper left corner of a tile.
struct Corner {
  int64_t top = 0, left = 0;
};

// Tiles of side `side`, [n T, C, side, side], sample by sample: T corners for each of the n images
// `x` [n, C, H, W].
at::Tensor cut_tiles(const at::Tensor& x, const std::vector<Corner>& corners, int64_t side);

// Each channel of each tile with mean 0 and deviation 1, so that brightness and contrast do not
// tell which tiles were neighbours. A tile of one colour becomes 0.
at::Tensor normalised_tiles(const at::Tensor& tiles);

// Bilinear, smoothed where tiles become smaller.
at::Tensor resized_tiles(const at::Tensor& tiles, int64_t side);

// How tiles enter the backbone.
class TileInput {
 public:
  // The option: "size".
  Field field();
  // kUsage unless views are square and the backbone takes such tiles; `task` is its name.
  void build(const Site& site, const std::string& task);
  int64_t side() const { return side_; }    // in pixels
  int64_t width() const { return width_; }  // of the pooled features

 private:
  int64_t option_ = 0, side_ = 0, width_ = 0;
};

}  // namespace espalier::pretext

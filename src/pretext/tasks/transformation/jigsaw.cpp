// Jigsaw puzzles (Noroozi & Favaro, "Unsupervised learning of visual representations by solving
// jigsaw puzzles", ECCV 2016, sections 3-4): an image is cut into tiles, the tiles are shuffled,
// the network says by which permutation of a fixed set.
//
// The view is cut into grid x grid cells; from each cell comes a tile of `tile` of its side, at a
// place drawn in the cell, so that gaps lie between tiles and lines do not go on from one to the
// next. Each channel of each tile is brought to mean 0 and deviation 1. Tiles are resized to `size`
// and go through the backbone as images of one batch, [grid^2 n, C, size, size]; their pooled
// features, side by side in the shuffled order, go through a linear layer, ReLU and a linear layer
// to the scores of the permutations. The permutation and the places are drawn by (seed, epoch,
// sample). The set is pretext/blocks/permutations.h's; class 0 is the unshuffled image.
//
// Differences to the paper: pooled features instead of a dense layer for each tile; each sample
// enters once. Tiles of the paper's size (64 of 75 pixels in views of 225) want size=64. What the
// paper does against chromatic aberration is left to augment.views: grey(p=0.3).
#include <torch/torch.h>

#include <cmath>

#include "pretext/blocks/permutations.h"
#include "pretext/blocks/tiles.h"
#include "pretext/task.h"
#include "tensor/convert.h"

namespace espalier::pretext {
namespace {

enum class Grid { kTwo, kThree };
constexpr auto names_of(Grid) {
  using enum Grid;
  return names<Grid>({{kThree, "3"}, {kTwo, "2"}});
}

class Jigsaw : public Task {
 public:
  About about() const override {
    return {.family = Family::kTransformation,
            .paper = "Noroozi & Favaro 2016",
            .loss = "cross entropy of the permutation of 3 x 3 tiles",
            .needs = "square views; 9 passes of tiles",
            .differs =
                "pooled features of tiles; every image enters once; the set of permutations begins "
                "with the identity"};
  }

  Fields fields() override {
    return {{"grid", &grid_, {.help = "cells along a side of the image"}},
            {"permutations",
             &permutations_,
             {.min = 2,
              .max = 10000,
              .unit = "permutations",
              .help = "how many permutations there are to tell apart; a grid of 2 has 24"}},
            {"tile",
             &tile_,
             {.min = 0.1,
              .max = 1,
              .unit = "of a cell",
              .help = "side of a tile; the rest of its cell is gap"}},
            input_.field(),
            {"hidden",
             &hidden_,
             {.min = 1,
              .max = 65536,
              .unit = "units",
              .help = "width of the layer that sees the features of all tiles"}}};
  }

  void build(const Site& site) override {
    const int64_t most = permutation_count(tiles());
    check(permutations_ <= most, Kind::kUsage,
          "task.permutations is {}, and {} tiles have {} (try: task.permutations={})",
          permutations_, tiles(), most, most);
    input_.build(site, "jigsaw");
    view_ = site.input().height;
    cell_ = view_ / across();
    side_ = std::lround(tile_ * static_cast<double>(cell_));
    check(side_ >= 2, Kind::kUsage,
          "jigsaw: tiles of views of {} pixels have a side of {}, they need 2 (try: larger views, "
          "or task.grid=2)",
          view_, side_);
    orders_ = far_permutations(tiles(), permutations_);
    head_ = register_module(
        "head",
        torch::nn::Sequential(torch::nn::Linear(tiles() * input_.width(), hidden_),
                              torch::nn::ReLU(), torch::nn::Linear(hidden_, permutations_)));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor& x = input.views[0];
    const int64_t n = x.size(0);
    std::vector<int64_t> drawn;
    std::vector<Corner> corners;
    for (int64_t i = 0; i < n; ++i) {
      Draw draw = input.draw("jigsaw", i);
      drawn.push_back(draw.below(permutations_));
      const std::vector<Corner> places = places_of(draw);
      for (const int64_t tile : orders_[static_cast<size_t>(drawn.back())])
        corners.push_back(places[static_cast<size_t>(tile)]);
    }
    const torch::Tensor tiles =
        resized_tiles(normalised_tiles(cut_tiles(x, corners, side_)), input_.side());
    const torch::Tensor features = backbone.represent(input.features(tiles));
    const torch::Tensor logits = head_->forward(features.reshape({n, -1}));
    const torch::Tensor answer = tensor::to_tensor(drawn, x.device());
    const torch::Tensor losses = torch::cross_entropy_loss(logits, answer, {}, at::Reduction::None);
    const torch::Tensor right = logits.detach().argmax(1).eq(answer).to(losses.scalar_type());
    return {.losses = losses, .metrics = {{"accuracy", right}}};
  }

 private:
  int64_t across() const { return grid_ == Grid::kTwo ? 2 : 3; }
  int64_t tiles() const { return across() * across(); }

  // Of the tiles of one image, row by row.
  std::vector<Corner> places_of(Draw& draw) const {
    const int64_t margin = (view_ - cell_ * across()) / 2;
    std::vector<Corner> places;
    for (int64_t tile = 0; tile < tiles(); ++tile) {
      const int64_t top = draw.below(cell_ - side_ + 1), left = draw.below(cell_ - side_ + 1);
      places.push_back(
          {margin + tile / across() * cell_ + top, margin + tile % across() * cell_ + left});
    }
    return places;
  }

  Grid grid_ = Grid::kThree;
  int64_t permutations_ = 100;
  double tile_ = 0.85;  // 64 of 75
  TileInput input_;
  int64_t hidden_ = 512;
  int64_t view_ = 0, cell_ = 0, side_ = 0;  // in pixels
  std::vector<Permutation> orders_;
  torch::nn::Sequential head_{nullptr};
};

ESPALIER_REGISTER(Task, Jigsaw, "jigsaw",
                  "transformation prediction: by which permutation were the tiles shuffled?");

}  // namespace
}  // namespace espalier::pretext

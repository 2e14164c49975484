#include "pretext/blocks/patch_masks.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace espalier::pretext {
namespace {

int64_t samples_of(const LaneInput& input) { return static_cast<int64_t>(input.samples.size()); }

struct Block {
  int64_t rows, columns;
};

Block block_of(Draw& draw, const model::Patches& patches, const BlockRange& range) {
  const double area = draw.uniform(range.least_area, range.most_area);
  const double aspect = draw.uniform(range.least_aspect, range.most_aspect);
  const auto side = [](double share, int64_t patches) {
    return std::clamp<int64_t>(std::lround(share * static_cast<double>(patches)), 1, patches);
  };
  return {side(std::sqrt(area * aspect), patches.rows),
          side(std::sqrt(area / aspect), patches.columns)};
}

// The patches of a block at a random place.
std::vector<int64_t> placed(Draw& draw, const model::Patches& patches, const Block& block) {
  const int64_t top = draw.below(patches.rows - block.rows + 1);
  const int64_t left = draw.below(patches.columns - block.columns + 1);
  std::vector<int64_t> places;
  for (int64_t row = top; row < top + block.rows; ++row)
    for (int64_t column = left; column < left + block.columns; ++column)
      places.push_back(row * patches.columns + column);
  return places;
}

}  // namespace

int64_t share_of(double share, int64_t patches) {
  return std::clamp<int64_t>(std::lround(share * static_cast<double>(patches)), 1, patches - 1);
}

PatchSplit random_split(const LaneInput& input, std::string_view name, int64_t patches,
                        int64_t kept) {
  std::vector<int64_t> orders;
  for (int64_t i = 0; i < samples_of(input); ++i) {
    const std::vector<int64_t> order = input.draw(name, i).permutation(patches);
    orders.insert(orders.end(), order.begin(), order.end());
  }
  const at::Tensor all = torch::tensor(orders, torch::kLong).view({samples_of(input), patches});
  return {all.slice(1, 0, kept), all.slice(1, kept)};
}

at::Tensor random_squares(const LaneInput& input, std::string_view name, int64_t rows,
                          int64_t columns, int64_t side, double share) {
  const int64_t across = (columns + side - 1) / side, squares = (rows + side - 1) / side * across;
  at::Tensor hidden = torch::zeros({samples_of(input), rows, columns}, torch::kBool);
  const int64_t count = share_of(share, squares);
  for (int64_t i = 0; i < samples_of(input); ++i) {
    const std::vector<int64_t> order = input.draw(name, i).permutation(squares);
    for (const int64_t square : std::span(order).first(static_cast<size_t>(count))) {
      const int64_t top = square / across * side, left = square % across * side;
      hidden[i].slice(0, top, top + side).slice(1, left, left + side).fill_(true);
    }
  }
  return hidden;
}

ContextAndTargets context_and_targets(const LaneInput& input, std::string_view name,
                                      const model::Patches& patches, int64_t kept, int64_t targets,
                                      const BlockRange& context, const BlockRange& target) {
  Draw sizes(input.step.seed, name, {static_cast<uint64_t>(input.step.number)});
  const Block target_block = block_of(sizes, patches, target);
  const Block context_block = block_of(sizes, patches, context);
  std::vector<int64_t> contexts, blocks;
  for (int64_t i = 0; i < samples_of(input); ++i) {
    Draw draw = input.draw(name, i);
    std::vector<int64_t> free, hidden;
    // Ends: targets may all lie in one place, and leave most of the context then.
    while (static_cast<int64_t>(free.size()) < kept) {
      free.clear(), hidden.clear();
      for (int64_t t = 0; t < targets; ++t)
        for (const int64_t place : placed(draw, patches, target_block)) hidden.push_back(place);
      for (const int64_t place : placed(draw, patches, context_block))
        if (std::ranges::find(hidden, place) == hidden.end()) free.push_back(place);
    }
    draw.shuffle(free);
    free.resize(static_cast<size_t>(kept));
    std::ranges::sort(free);
    contexts.insert(contexts.end(), free.begin(), free.end());
    blocks.insert(blocks.end(), hidden.begin(), hidden.end());
  }
  return {torch::tensor(contexts, torch::kLong).view({samples_of(input), kept}),
          torch::tensor(blocks, torch::kLong).view({samples_of(input), targets, -1})};
}

}  // namespace espalier::pretext

#include "pretext/blocks/tiles.h"

#include <gtest/gtest.h>

#include <set>

#include "classic_support.h"
#include "pretext/blocks/permutations.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

constexpr image::ViewShape kGrey{1, 12, 12};

std::string text_of(const Permutation& permutation) {
  std::string text;
  for (const int64_t place : permutation) text += std::to_string(place);
  return text;
}

TEST(Permutations, AreThoseOfTheIndependentScript) {
  for (const int64_t things : {4, 9}) {
    const auto golden = classic_golden(fmt::format("permutations_{}", things))["permutations"];
    const auto set = far_permutations(things, static_cast<int64_t>(golden.size()));
    for (size_t i = 0; i < golden.size(); ++i)
      ASSERT_EQ(text_of(set[i]), golden[i].get<std::string>()) << i;
  }
}

TEST(Permutations, ASmallerSetBeginsALargerOneAndNoneIsTwiceInIt) {
  const auto large = far_permutations(4, 24), small = far_permutations(4, 7);
  EXPECT_EQ(std::set(large.begin(), large.end()).size(), 24U);
  EXPECT_TRUE(std::equal(small.begin(), small.end(), large.begin()));
}

TEST(Tiles, AreCutWhereTheirCornersLie) {
  const torch::Tensor x = torch::randn({2, 3, 7, 9}, torch::kDouble);
  const torch::Tensor tiles = cut_tiles(x, {{0, 0}, {4, 6}, {1, 2}, {3, 5}}, 3);
  ASSERT_EQ(tiles.sizes().vec(), (std::vector<int64_t>{4, 3, 3, 3}));
  EXPECT_TRUE(tiles[1].equal(x[0].narrow(1, 4, 3).narrow(2, 6, 3)));
  EXPECT_TRUE(tiles[2].equal(x[1].narrow(1, 1, 3).narrow(2, 2, 3)));
}

TEST(Tiles, BrightnessAndContrastOfEachAreGone) {
  const torch::Tensor x = torch::randn({4, 3, 5, 5}, torch::kDouble) * 10;
  const torch::Tensor tiles = normalised_tiles(x);
  EXPECT_LT(tiles.mean({2, 3}).abs().max().item<double>(), tolerance::kRounding64);
  EXPECT_LT((tiles.square().mean({2, 3}) - 1).abs().max().item<double>(), 1e-5);  // its epsilon
  EXPECT_LT(largest_difference(normalised_tiles(x * 3 - 7), tiles), 1e-5);
  EXPECT_EQ(normalised_tiles(torch::ones({1, 1, 2, 2})).abs().max().item<float>(), 0);
}

// Where in the image a window of this content lies, whatever its brightness and contrast.
Corner found(const torch::Tensor& image, const torch::Tensor& tile) {
  const int64_t side = tile.size(1), across = image.size(2) - side + 1;
  const torch::Tensor windows = image.unfold(1, side, 1)
                                    .unfold(2, side, 1)
                                    .permute({1, 2, 0, 3, 4})
                                    .reshape({-1, image.size(0), side, side});
  const torch::Tensor difference =
      (normalised_tiles(windows) - normalised_tiles(tile.unsqueeze(0))).abs().amax({1, 2, 3});
  const auto place = difference.argmin().item<int64_t>();
  // A tile that was normalised once more has moved by the epsilon.
  if (difference[place].item<double>() > 1e-3) throw std::runtime_error("no part of the image");
  return {place / across, place % across};
}

TEST(Jigsaw, ShowsATileOfEachCellInTheOrderOfTheAnswer) {
  ProbeBackbone probe;
  const auto task = make_task("jigsaw", probe, "size: 3, permutations: 50, hidden: 4", kGrey);
  score_by_number(*task, "head.2.bias");
  const LaneInput views = make_input(*task, 20, kGrey);
  const std::vector<int64_t> answer = answers(task->run(probe, views).losses, 50);
  const auto orders = far_permutations(9, 50);
  std::set<int64_t> places;  // of tiles in their cells
  for (int64_t i = 0; i < 20; ++i) {
    Permutation order;
    for (int64_t tile = 0; tile < 9; ++tile) {
      const Corner corner = found(views.views[0][i], probe.seen[9 * i + tile]);
      EXPECT_LE(corner.top % 4, 1) << "a tile of 3 pixels leaves its cell of 4";
      EXPECT_LE(corner.left % 4, 1);
      places.insert(corner.top % 4 * 2 + corner.left % 4);
      order.push_back(corner.top / 4 * 3 + corner.left / 4);
    }
    EXPECT_EQ(text_of(order), text_of(orders[static_cast<size_t>(answer[static_cast<size_t>(i)])]));
  }
  EXPECT_EQ(places.size(), 4U);
}

TEST(Jigsaw, RefusesMorePermutationsThanThereAreAndTilesThatAreTooSmall) {
  FlatBackbone backbone;
  EXPECT_THROW(make_task("jigsaw", backbone, "grid: 2, permutations: 25"), Error);
  EXPECT_THROW(make_task("jigsaw", backbone, "", {3, 5, 5}), Error);
  EXPECT_THROW(make_task("jigsaw", backbone, "", {3, 12, 16}), Error);
  auto cnn = Registry<model::Backbone>::create("cnn");
  cnn->build({3, 24, 24}, model::Norm::kNone);
  EXPECT_NO_THROW(make_task("jigsaw", *cnn, "", {3, 24, 24}));
  try {
    make_task("jigsaw", *cnn, "size: 8", {3, 24, 24});
    ADD_FAILURE() << "cnn takes tiles of another size";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kUsage);
    EXPECT_NE(std::string(error.what()).find("task.size"), std::string::npos);
  }
}

// 20 pixels: patches of 4, gaps of 2, jitter of up to 1.
TEST(RelativePatch, TheAnswerIsWhereTheSecondPatchLies) {
  const image::ViewShape input{1, 20, 20};
  ProbeBackbone probe;
  const auto task = make_task("relative_patch", probe,
                              "patch: 0.2, gap: 0.5, jitter: 0.25, size: 4, hidden: 2", input);
  score_by_number(*task, "head.2.bias");
  const LaneInput views = make_input(*task, 100, input);
  const std::vector<int64_t> answer = answers(task->run(probe, views).losses, 8);
  std::set<int64_t> seen, moved, tops;
  for (int64_t i = 0; i < 100; ++i) {
    const Corner first = found(views.views[0][i], probe.seen[2 * i]);
    const Corner second = found(views.views[0][i], probe.seen[2 * i + 1]);
    const int64_t given = answer[static_cast<size_t>(i)], cell = given < 4 ? given : given + 1;
    const int64_t down = second.top - first.top - (cell / 3 - 1) * 6;
    const int64_t right = second.left - first.left - (cell % 3 - 1) * 6;
    EXPECT_LE(std::abs(down), 2);
    EXPECT_LE(std::abs(right), 2);
    // All neighbours fit around the first, wherever the second is.
    EXPECT_GE(first.top, 6);
    EXPECT_LE(first.top, 20 - 4 - 6);
    seen.insert(given);
    moved.insert(down);
    tops.insert(first.top);
  }
  EXPECT_EQ(seen.size(), 8U);
  EXPECT_EQ(moved.size(), 5U);
  EXPECT_GE(tops.size(), 4U);
}

TEST(RelativePatch, DropsAllChannelsButOneOfEachPatchByItself) {
  ProbeBackbone probe;
  const auto task = make_task("relative_patch", probe, "size: 3");
  const LaneInput views = make_input(*task, 40);
  task->run(probe, views);
  const torch::Tensor kept = probe.seen.abs().sum({2, 3}).gt(0);
  EXPECT_TRUE(kept.sum(1).eq(1).all().item<bool>());
  EXPECT_TRUE(kept.any(0).all().item<bool>());
  EXPECT_FALSE(kept.view({-1, 2, 3}).select(1, 0).equal(kept.view({-1, 2, 3}).select(1, 1)));
}

TEST(RelativePatch, ProjectionLeavesNothingOfGreenAgainstMagenta) {
  ProbeBackbone probe;
  const auto task = make_task("relative_patch", probe, "colour: project, size: 2");
  task->run(probe, make_input(*task, 4));
  const torch::Tensor axis = torch::tensor({-1.0, 2.0, -1.0}, torch::kDouble).view({1, 3, 1, 1});
  EXPECT_LT((probe.seen * axis).sum(1).abs().max().item<double>(), tolerance::kRounding64);
  EXPECT_GT(probe.seen.abs().max().item<double>(), 0.1);
}

TEST(RelativePatch, RefusesPatchesThatDoNotFit) {
  FlatBackbone backbone;
  EXPECT_THROW(make_task("relative_patch", backbone, "patch: 0.33, gap: 1"), Error);
}

}  // namespace
}  // namespace espalier::pretext

// Tasks that predict transformations: what is asked can be answered from what is shown, and from
// that alone.
#include <gtest/gtest.h>

#include "classic_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

struct Puzzle {
  std::string task, options;
  double unknowing;  // loss of one that knows nothing
  int64_t channels = 3;
  int64_t samples = 240;  // that show every answer
};

void PrintTo(const Puzzle& puzzle, std::ostream* out) {
  *out << puzzle.task << "(" << puzzle.options << ")";
}

class EveryPuzzle : public testing::TestWithParam<Puzzle> {};

TEST_P(EveryPuzzle, AHeadThatKnowsNothingLosesTheLogarithmOfItsClasses) {
  const image::ViewShape input{GetParam().channels, 12, 12};
  const auto backbone = tiny_backbone(model::Norm::kNone, input);
  const auto task = make_task(GetParam().task, *backbone, GetParam().options, input);
  for (torch::Tensor& weight : task->parameters()) weight.detach().zero_();
  const torch::Tensor losses = task->run(*backbone, make_input(*task, 3, input)).losses;
  EXPECT_LT((losses - GetParam().unknowing).abs().max().item<double>(), tolerance::kRounding64);
}

// All samples are one image of noise, so the answer is a function of what is shown, and a head that
// has learned it of some draws knows it of others.
TEST_P(EveryPuzzle, WhatIsLearnedOfSomeDrawsHoldsForOthers) {
  torch::set_num_threads(1);
  const image::ViewShape input{GetParam().channels, 12, 12};
  FlatBackbone backbone;
  const auto task = make_task(GetParam().task, backbone, GetParam().options, input);
  LaneInput known = make_input(*task, GetParam().samples, input);
  known.views[0] = known.views[0].slice(0, 0, 1).expand_as(known.views[0]);
  LaneInput unknown = known;
  for (int64_t& sample : unknown.samples) sample += 1000;
  torch::optim::Adam optimizer(task->parameters(), torch::optim::AdamOptions(0.003));
  for (int step = 0; step < 60; ++step) {
    optimizer.zero_grad();
    task->run(backbone, known).losses.mean().backward();
    optimizer.step();
  }
  const LaneOutput output = task->run(backbone, unknown);
  for (const auto& [name, values] : output.metrics)
    EXPECT_GT(values.mean().item<double>(), 0.97) << name;
}

TEST_P(EveryPuzzle, DrawsFollowTheSampleAndNotItsPlaceInTheLane) {
  torch::set_num_threads(1);
  const image::ViewShape input{GetParam().channels, 12, 12};
  FlatBackbone backbone;
  const auto task = make_task(GetParam().task, backbone, GetParam().options, input);
  const LaneInput views = make_input(*task, 6, input);
  const torch::Tensor losses = task->run(backbone, views).losses;
  EXPECT_TRUE(task->run(backbone, views).losses.equal(losses));
  const std::vector<int64_t> places = {5, 0, 3};
  EXPECT_LT(largest_difference(task->run(backbone, select(views, places)).losses,
                               losses.index_select(0, torch::tensor(places))),
            tolerance::kRounding64);
}

const double kLn2 = std::log(2), kLn4 = std::log(4), kLn8 = std::log(8);

INSTANTIATE_TEST_SUITE_P(
    All, EveryPuzzle,
    testing::Values(
        Puzzle{"rotation", "", kLn4, 3, 4}, Puzzle{"rotation", "angles: 2", kLn2, 4, 4},
        Puzzle{"rotation", "angles: 8", kLn8, 3, 4},
        Puzzle{"rotation", "angles: 8, shown: drawn", kLn8, 1, 80},
        Puzzle{"rotation", "shown: drawn", kLn4, 4, 60},
        Puzzle{"transform", "ops: [quarter_turn]", kLn4, 3, 60},
        Puzzle{"transform", "ops: [flip, quarter_turn]", (kLn2 + kLn4) / 2, 1, 120},
        Puzzle{"transform", "ops: [grey, blur]", kLn2, 4, 60},
        Puzzle{"transform", "ops: [solarize]", kLn2, 3, 60},
        Puzzle{"transform", "ops: [channel_order, zoom]", (std::log(6) + std::log(3)) / 2, 3, 160},
        Puzzle{"transform", "ops: [channel_order]", std::log(24), 4, 160},
        Puzzle{"jigsaw", "tile: 1, size: 4, permutations: 6, hidden: 32", std::log(6)},
        Puzzle{"jigsaw", "tile: 1, grid: 2, permutations: 24, hidden: 32", std::log(24), 1},
        Puzzle{"relative_patch", "patch: 0.25, gap: 0.3, colour: keep, hidden: 64", kLn8},
        Puzzle{"relative_patch", "patch: 0.25, gap: 0.3, colour: project, hidden: 64", kLn8}));

TEST(Puzzles, RefuseImagesWhoseColoursCannotBeAsked) {
  const std::tuple<const char*, const char*, int64_t, const char*> refused[] = {
      {"transform", "ops: [grey]", 1, "task.ops"},
      {"transform", "ops: [channel_order]", 1, "task.ops"},
      {"transform", "ops: [channel_order]", 5, "task.ops"},
      {"transform", "ops: [grey, channel_order]", 3, "task.ops"},
      {"relative_patch", "colour: drop", 1, "task.colour"},
      {"relative_patch", "colour: project", 4, "task.colour"},
      {"colorization", "", 1, "task.name"},
      {"colorization", "", 4, "task.name"}};
  for (const auto& [name, options, channels, field] : refused) {
    const image::ViewShape input{channels, 12, 12};
    FlatBackbone backbone;
    try {
      make_task(name, backbone, options, input);
      ADD_FAILURE() << name << " " << options << " takes " << channels << " channels";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage);
      EXPECT_NE(std::string(error.what()).find(field), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace espalier::pretext

// What tasks of masked prediction show to people: hidden is what run() hides, and the picture errs
// as much as the loss says.
#include "pretext/reconstructs.h"

#include <gtest/gtest.h>

#include "pretext/blocks/patches.h"
#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

struct Case {
  std::string task, options;
  bool patches = false;
  // Of what differs between picture and image in a hidden pixel, to what the loss sums.
  std::function<torch::Tensor(const torch::Tensor&)> distance;
};

void PrintTo(const Case& given, std::ostream* out) {
  *out << given.task << "(" << given.options << ")";
}

class Reconstructing : public testing::TestWithParam<Case> {
 protected:
  std::shared_ptr<model::Backbone> backbone_ =
      GetParam().patches ? tiny_vit() : tiny_backbone(model::Norm::kNone);
  std::shared_ptr<Task> task_ = make_task(GetParam().task, *backbone_, GetParam().options);
  LaneInput input_ = make_input(*task_, 4);
  Reconstruction rebuilt_ = dynamic_cast<Reconstructs&>(*task_).reconstruct(*backbone_, input_);
  torch::Tensor hidden_ =
      rebuilt_.shown.ne(input_.views[0]).any(1, /*keepdim=*/true).to(torch::kDouble);
};

TEST_P(Reconstructing, HiddenPixelsAreZeroAndTheOthersAsTheyWere) {
  const torch::Tensor& x = input_.views[0];
  const double share = hidden_.mean().item<double>();
  EXPECT_GT(share, 0.1);
  EXPECT_LT(share, 0.9);
  EXPECT_TRUE(rebuilt_.shown.equal(x * (1 - hidden_)));
  EXPECT_TRUE((rebuilt_.output * (1 - hidden_)).equal(rebuilt_.shown));
  EXPECT_FALSE(rebuilt_.output.requires_grad());
}

TEST_P(Reconstructing, ThePictureErrsAsTheLossSays) {
  const torch::Tensor error = GetParam().distance(rebuilt_.output - input_.views[0]) * hidden_;
  const torch::Tensor mean = error.sum({1, 2, 3}) / (hidden_.sum({1, 2, 3}) * 3);
  EXPECT_LT(largest_difference(mean, task_->run(*backbone_, input_).losses.detach()),
            tolerance::kDeep64);
}

INSTANTIATE_TEST_SUITE_P(
    All, Reconstructing,
    testing::Values(Case{"simmim", "side: 4", false, [](const auto& x) { return x.abs(); }},
                    Case{"simmim", "side: 4", true, [](const auto& x) { return x.abs(); }},
                    Case{"inpaint", "", false, [](const auto& x) { return x.square(); }},
                    Case{"mae", "normalise_pixels: false", true,
                         [](const auto& x) { return x.square(); }}));

// The loss is of patches scaled to variance 1; the picture has their own mean and deviation.
TEST(Reconstruction, OfNormalisedPatchesHasTheirMeanAndDeviationAgain) {
  const auto backbone = tiny_vit();
  const auto task = make_task("mae", *backbone);
  const LaneInput input = make_input(*task, 3);
  const Reconstruction rebuilt = dynamic_cast<Reconstructs&>(*task).reconstruct(*backbone, input);
  const model::Patches patches = backbone->patches(kInput).value();
  const auto pixels = [&](const torch::Tensor& images) {
    return pixels_of_patches(images, patches);
  };
  const torch::Tensor x = pixels(input.views[0]);
  const torch::Tensor hidden = pixels(rebuilt.shown).ne(x).any(2).to(torch::kDouble);
  const torch::Tensor error = (pixels(rebuilt.output) - x).square().mean(2) / (x.var(2) + 1e-6);
  EXPECT_LT(largest_difference((error * hidden).sum(1) / hidden.sum(1),
                               task->run(*backbone, input).losses.detach()),
            tolerance::kDeep64);
}

TEST(ImagesOfPatches, UndoPixelsOfPatches) {
  const model::Patches patches{.side = 2, .rows = 3, .columns = 4};
  const torch::Tensor x = torch::randn({2, 3, 7, 9});
  EXPECT_TRUE(images_of_patches(pixels_of_patches(x, patches), patches)
                  .equal(x.slice(2, 0, 6).slice(3, 0, 8)));
}

}  // namespace
}  // namespace espalier::pretext

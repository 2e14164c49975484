// Losses that compare the whole batch, against lightly's or the papers' formulas
// (tests/golden/make_compare.py).
#include <gtest/gtest.h>

#include "golden_support.h"
#include "pretext/blocks/sigreg.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

// Loss and gradient of `z` [B, views, D] as a sum of `parts` parts.
struct Loss {
  double value = 0;
  torch::Tensor gradient;
};
Loss loss_of(Task& task, const json& line, int64_t parts) {
  const torch::Tensor z = tensor_of(line["embeddings"]).requires_grad_();
  const int64_t samples = z.size(0);
  Gathered batch{.embeddings = z.flatten(1), .detached = torch::zeros({samples, 1}, torch::kLong)};
  if (line.contains("labels"))
    batch.labels = torch::tensor(line["labels"].get<std::vector<int64_t>>(), torch::kLong);
  Loss loss;
  for (int64_t i = 0; i < parts; ++i) {
    const Compared part = task.compare(batch, {i, parts});
    (part.sum / part.weight).backward({}, /*retain_graph=*/true);
    loss.value += part.sum.item<double>() / part.weight;
  }
  loss.gradient = z.grad();
  return loss;
}

void require_equal(const std::string& name, const json& line) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto options = line["options"].get<std::string>();
  const auto task = make_task(name, *backbone, options);
  for (const int64_t parts : {1, 3}) {
    SCOPED_TRACE(fmt::format("{} {{{}}} in {} parts", name, options, parts));
    const Loss loss = loss_of(*task, line, parts);
    const double expected = line["loss"].get<double>();
    EXPECT_NEAR(loss.value, expected, tolerance::kRounding64 * std::max(1.0, std::abs(expected)));
    EXPECT_LT(largest_difference(loss.gradient, tensor_of(line["gradient"])),
              tolerance::kRounding64);
  }
}

TEST(Compare, LossAndGradientEqualTheReferenceWholeAndInParts) {
  for (const auto& [name, count] : std::vector<std::pair<std::string, size_t>>{{"simclr", 5},
                                                                               {"directclr", 1},
                                                                               {"barlow_twins", 2},
                                                                               {"vicreg", 2},
                                                                               {"mmcr", 2},
                                                                               {"supcon", 2},
                                                                               {"lejepa", 1}}) {
    const std::vector<json> cases = golden_cases("compare.jsonl", name);
    EXPECT_EQ(cases.size(), count) << name;
    for (const json& line : cases) require_equal(name, line);
  }
}

TEST(Compare, SigRegEqualsLightlysOnGivenSlices) {
  const std::vector<json> cases = golden_cases("compare.jsonl", "sigreg");
  ASSERT_EQ(cases.size(), 1U);
  for (const json& line : cases) {
    const torch::Tensor z = tensor_of(line["embeddings"]).requires_grad_();
    const torch::Tensor slices = tensor_of(line["slices"]);
    const torch::Tensor mean =
        sigreg(z.transpose(0, 1), slices) / static_cast<double>(slices.size(1));
    mean.backward();
    EXPECT_NEAR(mean.item<double>(), line["loss"].get<double>(), tolerance::kRounding64);
    EXPECT_LT(largest_difference(z.grad(), tensor_of(line["gradient"])), tolerance::kRounding64);
  }
}

TEST(Compare, SlicesAreTheSameInAnyCut) {
  const torch::Tensor all = drawn_slices(/*key=*/5, 0, 40, 16);
  EXPECT_TRUE(drawn_slices(5, 13, 29, 16).equal(all.narrow(1, 13, 16)));
  EXPECT_LT(largest_difference(all.norm(2, 0), torch::ones({40}, torch::kDouble)),
            tolerance::kRounding64);
  EXPECT_FALSE(drawn_slices(6, 0, 40, 16).equal(all));
}

TEST(Compare, LeJepaDrawsOtherSlicesInEachStep) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("lejepa", *backbone);
  LaneInput input = make_input(*task, 4);
  const torch::Tensor first = total_loss(*task, *backbone, input);
  input.step.number = 1;
  EXPECT_FALSE(total_loss(*task, *backbone, input).equal(first));
}

TEST(SupCon, IsSimClrWithoutLabels) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("supcon", *backbone, "temperature: 0.5");
  const auto simclr = make_task("simclr", *backbone, "temperature: 0.5");
  Gathered batch{.embeddings = torch::randn({6, 8}, torch::kDouble),
                 .labels = torch::full({6}, -1, torch::kLong)};
  const Part part{1, 2};
  EXPECT_NEAR(task->compare(batch, part).sum.item<double>(),
              simclr->compare(batch, part).sum.item<double>(), tolerance::kRounding64);
}

// Every task of this kind learns a set of twelve images, each with views that differ by noise.
TEST(Compare, LossFallsOnAToySet) {
  for (const auto& [name, options] :
       std::vector<std::pair<std::string, std::string>>{{"simclr", "loss: dcl"},
                                                        {"simclr", "loss: dclw"},
                                                        {"directclr", "share: 0.8"},
                                                        {"barlow_twins", ""},
                                                        {"vicreg", ""},
                                                        {"mmcr", "lambda: 0.1"},
                                                        {"supcon", ""},
                                                        {"npid", ""},
                                                        {"exemplar", ""},
                                                        {"lejepa", "lambda: 0.2"}}) {
    const auto backbone = tiny_backbone(model::Norm::kBatch);
    const auto task = make_task(name, *backbone, options);
    LaneInput input = make_input(*task, 12);
    for (size_t view = 1; view < input.views.size(); ++view)
      input.views[view] = input.views[0] + 0.3 * input.views[view];
    std::vector<torch::Tensor> parameters = backbone->parameters();
    for (const torch::Tensor& parameter : task->parameters()) parameters.push_back(parameter);
    torch::optim::Adam optimizer(parameters, torch::optim::AdamOptions(1e-2));
    std::vector<double> losses;
    for (int64_t step = 0; step < 25; ++step) {
      optimizer.zero_grad();
      const torch::Tensor loss = total_loss(*task, *backbone, input) / 12;
      loss.backward();
      optimizer.step();
      const torch::NoGradGuard no_grad;
      task->after_step(*backbone, input.step, gathered(task->run(*backbone, input), input));
      losses.push_back(loss.item<double>());
    }
    EXPECT_LT(losses.back(), losses.front() - 0.1 * std::abs(losses.front())) << name << options;
  }
}

}  // namespace
}  // namespace espalier::pretext

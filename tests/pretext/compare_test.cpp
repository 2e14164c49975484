// Losses that compare the whole batch, against lightly's or the papers' formulas
// (tests/golden/make_compare.py).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "pretext/blocks/instance_softmax.h"
#include "pretext/blocks/sigreg.h"
#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

using nlohmann::json;

std::vector<json> golden() {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/compare.jsonl");
  std::vector<json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line));
  lines.erase(lines.begin());  // the versions
  return lines;
}

void flatten(const json& nested, std::vector<double>& into, std::vector<int64_t>& shape,
             size_t depth = 0) {
  if (!nested.is_array()) return into.push_back(nested.get<double>());
  if (shape.size() == depth) shape.push_back(static_cast<int64_t>(nested.size()));
  for (const json& inner : nested) flatten(inner, into, shape, depth + 1);
}

torch::Tensor tensor_of(const json& nested) {
  std::vector<double> values;
  std::vector<int64_t> shape;
  flatten(nested, values, shape);
  return torch::tensor(values, torch::kDouble).view(shape);
}

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

TEST(Compare, LossAndGradientEqualTheReferenceWholeAndInParts) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  int compared = 0;
  for (const json& line : golden()) {
    const auto name = line["task"].get<std::string>();
    if (name == "sigreg" || name == "npid") continue;
    const auto task = make_task(name, *backbone, line["options"].get<std::string>());
    for (const int64_t parts : {1, 3}) {
      SCOPED_TRACE(
          fmt::format("{} {{{}}} in {} parts", name, line["options"].get<std::string>(), parts));
      const Loss loss = loss_of(*task, line, parts);
      const double expected = line["loss"].get<double>();
      EXPECT_NEAR(loss.value, expected, tolerance::kRounding64 * std::max(1.0, std::abs(expected)));
      EXPECT_LT(largest_difference(loss.gradient, tensor_of(line["gradient"])),
                tolerance::kRounding64);
    }
    ++compared;
  }
  EXPECT_EQ(compared, 15);
}

TEST(Compare, SigRegEqualsLightlysOnGivenSlices) {
  for (const json& line : golden()) {
    if (line["task"] != "sigreg") continue;
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

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

using nlohmann::json;

// Lines of tests/golden/torch.jsonl whose case begins with `prefix`; make_torch.py wrote them.
std::vector<json> golden(const std::string& prefix) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/torch.jsonl");
  std::vector<json> cases;
  for (std::string line; std::getline(file, line);)
    if (json::parse(line)["case"].get<std::string>().starts_with(prefix))
      cases.push_back(json::parse(line));
  return cases;
}

// [2][n][D] -> [n, 2 D], both views of a sample in one row.
torch::Tensor rows(const json& views) {
  std::vector<double> values;
  for (size_t sample = 0; sample < views[0].size(); ++sample)
    for (size_t view = 0; view < 2; ++view)
      for (const json& value : views[view][sample]) values.push_back(value.get<double>());
  return torch::tensor(values, torch::kDouble).view({static_cast<int64_t>(views[0].size()), -1});
}

TEST(SimClr, NtXentEqualsLightlysInValueAndGradient) {
  const std::vector<json> cases = golden("ntxent");
  ASSERT_EQ(cases.size(), 3U);
  const auto backbone = tiny_backbone(model::Norm::kNone);
  for (const json& expected : cases) {
    const auto task = make_task(
        "simclr", *backbone,
        fmt::format("temperature: {}, dimension: {}", expected["temperature"].get<double>(),
                    expected["views"][0][0].size()));
    const torch::Tensor z = rows(expected["views"]).requires_grad_();
    const Compared loss = task->compare({.embeddings = z}, {});
    const torch::Tensor mean = loss.sum / loss.weight;
    mean.backward();
    EXPECT_NEAR(mean.item<double>(), expected["loss"].get<double>(), tolerance::kRounding64)
        << expected["case"];
    EXPECT_LT(largest_difference(z.grad(), rows(expected["gradient"])), tolerance::kRounding64)
        << expected["case"];
  }
}

TEST(SimClr, BothViewsOfASampleGoThroughTheNetworkInOneForward) {
  ProbeBackbone probe;
  const auto task = make_task("simclr", probe);
  const LaneInput views = make_input(*task, 3);
  const torch::Tensor rows = task->run(probe, views).embeddings;
  EXPECT_TRUE(probe.seen.equal(torch::cat(views.views)));
  // Swapping the views swaps the halves of every row.
  LaneInput swapped = views;
  std::swap(swapped.views[0], swapped.views[1]);
  EXPECT_LT(
      largest_difference(task->run(probe, swapped).embeddings, rows.roll(rows.size(1) / 2, 1)),
      tolerance::kRounding64);
}

TEST(SimClr, AccuracyCountsTheViewsThatFindTheirPartner) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("simclr", *backbone, "dimension: 2");
  // Samples 0 and 1 agree with themselves; the views of sample 2 lie nearer to those of the others.
  const torch::Tensor z = torch::tensor(
      {{1.0, 0.1, 1.0, 0.0}, {0.0, 1.0, 0.1, 1.0}, {1.0, -0.2, -0.2, 1.0}}, torch::kDouble);
  EXPECT_EQ(task->compare({.embeddings = z}, {}).metrics[0].second.item<double>(), 4);
  EXPECT_EQ(task->compare({.embeddings = z}, {2, 3}).metrics[0].second.item<double>(), 0);
}

}  // namespace
}  // namespace espalier::pretext

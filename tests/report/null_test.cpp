// What a sweep says where there is nothing to say: no cut differs from another, or the backbone was
// never trained.
#include <gmock/gmock.h>

#include <random>

#include "report/finding.h"
#include "report/practice.h"
#include "report/report.h"
#include "report/synthetic_run.h"
#include "support/temp_dir.h"

namespace espalier::report {
namespace {

using testing::HasSubstr;
using testing::Not;

// A sweep in which every cell is scratch and noise.
TransferRun null_sweep(uint64_t seed, int64_t budgets) {
  std::seed_seq sequence{seed, static_cast<uint64_t>(budgets)};
  std::mt19937_64 random(sequence);
  std::normal_distribution<double> noise(0, 0.01);
  TransferRun run;
  run.stages = {"conv1", "conv2", "conv3"};
  for (int64_t budget = 1; budget <= budgets; ++budget)
    for (int64_t s = 0; s < 5; ++s) {
      const auto add = [&](const std::string& mode, int64_t cut) {
        run.cells.push_back({.mode = mode,
                             .stage = cut > 0 ? run.stages[static_cast<size_t>(cut - 1)] : "",
                             .status = "done",
                             .cut = cut,
                             .labels_per_class = 10 * budget,
                             .seed = s,
                             .accuracy = 0.5 + noise(random)});
      };
      add("scratch", 0);
      for (const char* mode : {"frozen", "tuned"})
        for (int64_t cut = 1; cut <= 3; ++cut) add(mode, cut);
    }
  run.rows = statistics::summarize(run.cells);
  return run;
}

// With 2,000 sweeps a rate of 5 % is seen as at most 5 % and three standard deviations, 1.5 %.
TEST(Null, AtMostOneSweepInTwentySaysThatSomethingDiffersAtAnyNumberOfBudgets) {
  constexpr int64_t kSweeps = 2000, kMost = 100 + 30;
  for (const int64_t budgets : {1, 2, 5}) {
    std::vector<int64_t> told(4);
    int64_t clear = 0;
    for (uint64_t seed = 0; seed < kSweeps; ++seed) {
      const TransferRun run = null_sweep(seed, budgets);
      const auto found = comparisons(run);
      for (size_t i = 0; i < found.size(); ++i)
        told[i] +=
            found[i].outcome != Outcome::kUnclear && found[i].outcome != Outcome::kNotMeasured;
      bool any = false;
      for (const std::string& text : findings(run))
        any = any || text.find("clear after Holm") != std::string::npos;
      clear += any;
    }
    for (const int64_t count : told) EXPECT_LE(count, kMost) << budgets << " budgets";
    EXPECT_LE(clear, kMost) << budgets << " budgets";
    RecordProperty(fmt::format("budgets_{}", budgets),
                   fmt::format("{} {} {}; best {}", told[0], told[1], told[2], clear));
  }
}

// The numbers of a backbone whose learning rate was 0: its last stages are random features, and so
// the first cut lies far above the last.
TEST(Null, AnUntrainedBackboneGetsNumbersAndNoCause) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.budgets = {10, 50};
  sweep.modes = {{"frozen", {0.0, -0.03, -0.09, -0.166}}, {"tuned", {0.01, 0.01, 0.008, -0.002}}};
  write_transfer_run(folder / "s", sweep);
  for (std::string text : {render({folder / "s"}), render_markdown({folder / "s"})}) {
    EXPECT_THAT(text, HasSubstr("+16."));
    EXPECT_THAT(text, HasSubstr("of this one backbone"));
    text = text.substr(text.find("</style>") == std::string::npos ? 0 : text.find("</style>"));
    for (const char* cause :
         {"general", "specific", "upported", "contradicted", "because", "since ", "as last layers",
          "adapted", "co-adapt", " pays", " helps", " hurts", "serve"})
      EXPECT_THAT(text, Not(HasSubstr(cause)));
  }
}

}  // namespace
}  // namespace espalier::report

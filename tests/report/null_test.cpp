// What a sweep says where there is nothing to say: no cut differs from another, or the backbone was
// never trained.
#include <gmock/gmock.h>

#include <random>

#include "report/finding.h"
#include "report/report.h"
#include "report/synthetic_run.h"
#include "report/verdict_text.h"
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
      const auto add = [&](const Line& line, int64_t cut) {
        run.cells.push_back({.source = line.source,
                             .mode = line.mode,
                             .stage = cut > 0 ? run.stages[static_cast<size_t>(cut - 1)] : "",
                             .status = "done",
                             .factor = line.factor,
                             .cut = cut,
                             .labels_per_class = 10 * budget,
                             .seed = s,
                             .accuracy = 0.5 + noise(random),
                             .control = line.control});
      };
      add({"", "scratch", "", 1}, 0);
      for (int64_t cut = 1; cut <= 3; ++cut) {
        add({"ours", "frozen"}, cut);
        add({"ours", "tuned", "", 1}, cut);
        add({"", "random_frozen", "", 0, true}, cut);
      }
    }
  run.rows = statistics::summarize(run.cells);
  return run;
}

// With 1,000 sweeps a rate of 5 % is seen as at most 5 % and three standard deviations, 2.1 %.
TEST(Null, AtMostOneSweepInTwentySaysThatSomethingDiffersAtAnyNumberOfBudgets) {
  constexpr int64_t kSweeps = 1000, kMost = 50 + 21;
  for (const int64_t budgets : {1, 2, 5}) {
    int64_t verdicts = 0, answers = 0;
    for (uint64_t seed = 0; seed < kSweeps; ++seed) {
      const TransferRun run = null_sweep(seed, budgets);
      bool told = false;
      for (const auto& row : verdict_table(run, statistics::judge(run.cells, run.rows)).rows)
        told = told || row.cells[1] == "supported" || row.cells[1] == "contradicted";
      verdicts += told;
      const std::string answer = findings(run).at(0);
      EXPECT_THAT(answer, HasSubstr("Is the pretraining worth it"));
      answers += answer.find("yes with") != std::string::npos ||
                 answer.find(" no with") != std::string::npos;
    }
    EXPECT_LE(verdicts, kMost) << budgets << " budgets";
    EXPECT_LE(answers, kMost) << budgets << " budgets";
    RecordProperty(fmt::format("budgets_{}", budgets),
                   fmt::format("verdicts {}, answers {}", verdicts, answers));
  }
}

// A backbone whose learning rate was 0: kept frozen it is what random weights are.
TEST(Null, AnUntrainedBackboneGetsNumbersAndNoVerdict) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.budgets = {10, 50};
  const std::vector<double> frozen = {0.0, -0.03, -0.09, -0.166}, low = {0.01, 0.01, 0.008, -0.002},
                            full = {0.02, 0.03, 0.04, 0.04};
  sweep.modes = {{"frozen", frozen},
                 {"tuned", low, 0.1},
                 {"tuned", full, 1},
                 {"random_frozen", frozen, 0, "", true},
                 {"random_tuned", low, 0.1, "", true},
                 {"random_tuned", full, 1, "", true}};
  write_transfer_run(folder / "s", sweep);
  for (std::string text : {render({folder / "s"}), render_markdown({folder / "s"})}) {
    EXPECT_THAT(text, HasSubstr("−16."));
    EXPECT_THAT(text, HasSubstr("of this one backbone"));
    EXPECT_THAT(text, HasSubstr("cannot be told from an untrained one, so no statement gets a"));
    EXPECT_THAT(text, HasSubstr("That is not shown, whatever an arm gains."));
    EXPECT_THAT(text, HasSubstr("undecided"));
    text = text.substr(text.find("</style>") == std::string::npos ? 0 : text.find("</style>"));
    for (const char* verdict : {"supported", "contradicted", "because", "since "})
      EXPECT_THAT(text, Not(HasSubstr(verdict)));
  }
}

}  // namespace
}  // namespace espalier::report

#include "report/run_list.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <map>

#include "core/folder_lock.h"
#include "report/synthetic_run.h"
#include "support/error_of.h"
#include "support/temp_dir.h"

namespace espalier::report {
namespace {

using testing::HasSubstr;

ListedRun only_run(const std::filesystem::path& folder) {
  const std::vector<ListedRun> runs = list_runs(folder);
  EXPECT_EQ(runs.size(), 1U);
  return runs.empty() ? ListedRun{} : runs[0];
}

TEST(RunList, FindsEveryKindAtAnyDepthAndNotInsideOfRuns) {
  const TempDir temp;
  write_pretrain_run(temp / "a" / "b" / "rotation", 1000);
  write_transfer_run(temp / "sweep", {});
  make_directories(temp / "sweep" / "cells" / "one");
  write_file(temp / "sweep" / "cells" / "one" / "curve.csv", "step,loss\n1,2\n");
  make_directories(temp / "fitted");
  write_file(temp / "fitted" / "fit.json", "{}");
  write_file(temp / "fitted" / "curve.csv", "step,loss,validation_accuracy\n10,1,0.5\n20,1,0.4\n");
  make_directories(temp / "photos");
  std::map<std::string, RunKind> kinds;
  for (const ListedRun& run : list_runs(temp.path())) kinds[run.path.filename()] = run.kind;
  EXPECT_THAT(kinds, testing::ElementsAre(std::pair("fitted", RunKind::kFit),
                                          std::pair("rotation", RunKind::kPretrain),
                                          std::pair("sweep", RunKind::kTransfer)));
}

TEST(RunList, ARunThatHasEndedIsDoneWithItsStepsAndBestMetric) {
  const TempDir temp;
  write_pretrain_run(temp.path(), 1000);
  const ListedRun run = only_run(temp.path());
  EXPECT_EQ(run.state, RunState::kDone);
  EXPECT_EQ(run.progress(), "1,000 steps");
  EXPECT_THAT(run.best, HasSubstr("knn_accuracy 44."));
  EXPECT_THAT(run.best, HasSubstr("at step 1000"));
}

TEST(RunList, ARunIsRunningWhileItsProcessHoldsTheLock) {
  const TempDir temp;
  write_pretrain_run(temp.path(), 100);
  {
    const FolderLock lock(temp / ".lock", "pretrain");
    EXPECT_EQ(only_run(temp.path()).state, RunState::kRunning);
  }
  EXPECT_EQ(only_run(temp.path()).state, RunState::kDone);
}

TEST(RunList, AKilledRunIsStoppedAndOneWhoseLogEndsInAnErrorHasFailed) {
  const TempDir temp;
  write_pretrain_run(temp.path(), 100);
  std::filesystem::remove(temp / "backbone.json");
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  // No process has the number of the largest one there can be.
  write_file(temp / ".lock", fmt::format("process {} on {}", 1 << 30, host.data()));
  write_file(temp / "log.txt", "12:00:00 I [0] pretrain: a line\n");
  EXPECT_EQ(only_run(temp.path()).state, RunState::kStopped);
  write_file(temp / "log.txt", "12:00:00 E [0] pretrain: once\n12:00:01 I [0] pretrain: resumed\n");
  EXPECT_EQ(only_run(temp.path()).state, RunState::kStopped);
  write_file(temp / "log.txt", "12:00:00 I [0] pretrain: a line\n12:00:01 E [0] espalier: no\n");
  EXPECT_EQ(only_run(temp.path()).state, RunState::kFailed);
  write_file(temp / "log.txt", "short");
  EXPECT_EQ(only_run(temp.path()).state, RunState::kStopped);
}

TEST(RunList, ARunOfAnotherHostIsRunningWhileItWrites) {
  const TempDir temp;
  write_pretrain_run(temp.path(), 100);
  write_file(temp / ".lock", "process 17 on another-host");
  EXPECT_EQ(only_run(temp.path()).state, RunState::kRunning);
  const auto past = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  for (const auto& entry : std::filesystem::directory_iterator(temp.path()))
    std::filesystem::last_write_time(entry.path(), past);
  std::filesystem::last_write_time(temp.path(), past);
  const ListedRun run = only_run(temp.path());
  EXPECT_EQ(run.state, RunState::kDone);
  EXPECT_NEAR(run.changed_seconds, 3600, 60);
}

TEST(RunList, ASweepHasItsCellsAndIsDoneWithTheLast) {
  const TempDir temp;
  write_transfer_run(temp.path(), {});
  const ListedRun run = only_run(temp.path());
  EXPECT_EQ(run.state, RunState::kDone);
  EXPECT_EQ(run.progress(), "45 of 45 cells");
  EXPECT_THAT(run.best, HasSubstr("tuned cut 2, 10 labels per class"));
}

TEST(RunList, DamageIsListedWithWhatIsKnown) {
  const TempDir temp;
  write_file(temp / "metrics.jsonl", "no json\n");
  EXPECT_EQ(only_run(temp.path()).done, 0);
}

TEST(RunList, OfWhatIsNoFolderIsRefused) {
  EXPECT_THAT(error_of(Kind::kUsage, [] { (void)list_runs("/nowhere"); }),
              HasSubstr("try: espalier runs"));
}

}  // namespace
}  // namespace espalier::report

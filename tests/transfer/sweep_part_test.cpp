// What one start computes of a sweep: --only, --shard, --retry-failed, --dry-run.
#include <gmock/gmock.h>

#include <set>

#include "transfer/transfer_support.h"

namespace espalier::transfer {
namespace {

TEST(ArmFilter, TakesArmsWhoseKeysHaveOneOfTheValues) {
  const ArmFilter filter({"mode=frozen,tuned,cut=2", "seed=1"});
  Arm arm{.source = kOurs, .mode = "tuned", .kept_lr_factor = 0.1, .head = "suffix", .cut = 2};
  EXPECT_TRUE(filter.takes(arm));
  EXPECT_TRUE(filter.takes_seed(1));
  EXPECT_FALSE(filter.takes_seed(0));
  arm.cut = 1;
  EXPECT_FALSE(filter.takes(arm));
  arm.cut = 2;
  arm.mode = "mean_var";
  EXPECT_FALSE(filter.takes(arm));
  EXPECT_TRUE(ArmFilter().takes(arm));
  EXPECT_TRUE(ArmFilter({"kept_lr_factor=0.1"}).takes(arm));
}

TEST(ArmFilter, RefusesKeysAndValuesThatAreOfNoArm) {
  using testing::HasSubstr;
  using testing::ThrowsMessage;
  EXPECT_THAT([] { ArmFilter({"stage=1"}); }, ThrowsMessage<Error>(HasSubstr("labels_per_class")));
  TempDir temp;
  EXPECT_THAT([&] { make_sweep(temp / "out", {}, {.only = ArmFilter({"cut=7"})}); },
              ThrowsMessage<Error>(HasSubstr("there are: 0, 1, 2")));
}

TEST(Sweep, ComputesOnlyItsPart) {
  TempDir temp;
  const auto only = make_sweep(temp / "out", {}, {.only = ArmFilter({"mode=frozen,cut=2,seed=1"})});
  EXPECT_EQ(run(*only), 2);  // budgets
  int64_t computed = 2;
  for (const int64_t shard : {0, 1, 2}) {
    const auto part = make_sweep(temp / "out", {}, {.shard = shard, .shards = 3});
    const int64_t own = run(*part);
    EXPECT_GT(own, 0);
    computed += own;
  }
  EXPECT_EQ(computed, 20);
  EXPECT_EQ(run(*make_sweep(temp / "out")), 0);
}

TEST(Sweep, AnArmAloneIsComputedWithTheRunsThatItsControlChoosesBy) {
  TempDir temp;
  const std::vector<std::string> options = {"transfer.lr=[0.01, 0.05]", "transfer.cuts=[1]",
                                            "transfer.labels_per_class=[4]",
                                            "transfer.modes=[frozen, random_frozen]"};
  const auto only = make_sweep(temp / "out", options, {.only = ArmFilter({"mode=frozen"})});
  EXPECT_EQ(run(*only), 2 * 2 * 4 + 2);  // arms x rates x folds, and its cells
  for (const PlannedArm& arm : only->plan().arms())
    EXPECT_EQ(arm.chosen.has_value(), arm.arm.mode != kScratch);
}

TEST(Sweep, AShardHoldsWholeCompanies) {
  TempDir temp;
  const std::vector<std::string> options = {"transfer.lr=[0.01, 0.05]",
                                            "transfer.labels_per_class=[4]",
                                            "transfer.modes=[frozen, random_frozen]"};
  std::set<size_t> seen;
  for (const int64_t shard : {0, 1}) {
    const auto part =
        make_sweep(temp / std::to_string(shard), options, {.shard = shard, .shards = 2});
    run(*part);
    for (size_t a = 0; a < part->plan().arms().size(); ++a)
      if (part->plan().arms()[a].chosen) EXPECT_TRUE(seen.insert(a).second);
  }
  EXPECT_EQ(seen.size(), 1U + 2 * 2);
}

TEST(Sweep, AShardChoosesForItsOwnArms) {
  TempDir temp;
  const std::vector<std::string> options = {"transfer.lr=[0.01, 0.05]",
                                            "transfer.labels_per_class=[4]"};
  for (const int64_t shard : {0, 1}) {
    const auto part = make_sweep(temp / "out", options, {.shard = shard, .shards = 2});
    run(*part);
    size_t chosen = 0;
    for (const PlannedArm& arm : part->plan().arms()) chosen += arm.chosen.has_value();
    EXPECT_EQ(chosen, shard == 0 ? 3U : 5U);
  }
}

TEST(Sweep, CellsThatDivergedAreComputedAgainWhereAsked) {
  TempDir temp;
  const std::vector<std::string> wild = {"optim.lr=1000", "optim.weight_decay=1",
                                         "transfer.steps=20", "transfer.labels_per_class=[4]"};
  const auto sweep = make_sweep(temp / "out", wild);
  run(*sweep);
  int64_t diverged = 0;
  for (const statistics::Cell& cell : sweep->finished()) diverged += cell.status == "diverged";
  EXPECT_GT(diverged, 0);
  EXPECT_EQ(run(*make_sweep(temp / "out", wild)), 0);
  EXPECT_EQ(run(*make_sweep(temp / "out", wild, {.retry_failed = true})), diverged);
}

TEST(Sweep, ADryRunCountsAndTouchesNothing) {
  TempDir temp;
  const std::vector<std::string> options = {"transfer.lr=[0.01, 0.05]", "transfer.workers=2",
                                            "transfer.labels_per_class=[4]"};
  const DryRun before = make_sweep(temp / "out", options)->dry_run();
  EXPECT_FALSE(std::filesystem::exists(temp / "out"));
  EXPECT_EQ(before.arms, 5);
  EXPECT_EQ(before.cells, 10);
  EXPECT_EQ(before.there, 0);
  EXPECT_EQ(before.tuning, 5 * 2 * 4);
  EXPECT_EQ(before.tuning_there, 0);
  EXPECT_EQ(before.workers, 2);
  EXPECT_GT(before.seconds, 0);
  run(*make_sweep(temp / "out", options, {.only = ArmFilter({"mode=scratch"})}));
  const DryRun between = make_sweep(temp / "out", options)->dry_run();
  EXPECT_EQ(between.there, 2);
  EXPECT_EQ(between.tuning_there, 8);
  run(*make_sweep(temp / "out", options));
  const DryRun after = make_sweep(temp / "out", options)->dry_run();
  EXPECT_EQ(after.there, 10);
  EXPECT_EQ(after.seconds, 0);
}

}  // namespace
}  // namespace espalier::transfer

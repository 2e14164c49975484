// What a cell's id holds.
#include <gmock/gmock.h>

#include <set>

#include "transfer/probe.h"
#include "transfer/transfer_support.h"

namespace espalier::transfer {
namespace {

std::string id(const std::vector<std::string>& assignments, const std::string& mode, int64_t cut,
               int64_t seed = 0, int64_t labels = 4) {
  const auto setting = make_setting(assignments);
  Cell cell = cell_of(*setting, mode, cut);
  cell.seed = seed;
  cell.arm.labels_per_class = labels;
  return id_of(spec_of(*setting, cell));
}

TEST(CellId, TunedFromRandomWeightsAtFactorOneIsScratch) {
  const std::vector<std::string> one = {"transfer.kept_lr_factor=1"};
  EXPECT_EQ(id(one, "random_tuned", 1), id(one, kScratch, 0));
  EXPECT_EQ(id(one, "random_tuned", 2), id(one, kScratch, 0));
  EXPECT_NE(id({}, "random_tuned", 1), id({}, kScratch, 0));
  const std::vector<std::string> decayed = {"transfer.kept_lr_factor=1", "optim.layer_decay=0.5"};
  EXPECT_NE(id(decayed, "random_tuned", 1), id(decayed, kScratch, 0));
}

TEST(CellId, ALinearHeadOnTheLastStageIsTheSuffix) {
  const auto setting = make_setting();
  for (const std::string& mode : {"frozen", "tuned", "random_tuned"})
    for (const int64_t cut : {1, 2}) {
      Cell suffix = cell_of(*setting, mode, cut), linear = cell_of(*setting, mode, cut, "linear");
      suffix.fold = linear.fold = 0;
      EXPECT_EQ(id_of(spec_of(*setting, suffix)) == id_of(spec_of(*setting, linear)), cut == 2);
      suffix.fold = linear.fold = std::nullopt;
      EXPECT_EQ(id_of(spec_of(*setting, suffix)) == id_of(spec_of(*setting, linear)), cut == 2);
      if (cut == 2)
        EXPECT_EQ(run_cell(*setting, suffix).predictions, run_cell(*setting, linear).predictions);
    }
}

TEST(CellId, DependsNeitherOnPathsNorOnThreads) {
  const TempDir& temp = Sets::instance().temp;
  TempDir elsewhere;
  std::filesystem::copy(temp / "train", elsewhere / "moved");
  EXPECT_EQ(id({}, "tuned", 1),
            id({"data.train=" + (elsewhere / "moved").string(), "data.threads=3",
                "transfer.workers=2", "transfer.seeds=7", "transfer.cuts=[1]"},
               "tuned", 1));
}

TEST(CellId, ChangesWithEverythingThatDecidesTheResult) {
  std::set<std::string> ids = {id({}, "tuned", 1)};
  EXPECT_TRUE(ids.insert(id({}, "frozen", 1)).second);
  EXPECT_TRUE(ids.insert(id({}, "tuned", 2)).second);
  EXPECT_TRUE(ids.insert(id({}, "tuned", 1, 0, 2)).second);
  EXPECT_TRUE(ids.insert(id({}, "tuned", 1, 1)).second);
  for (const std::string change :
       {"seed=1", "transfer.steps=5", "transfer.batch=4", "transfer.kept_lr_factor=0.2",
        "transfer.lr=0.07", "optim.lr=0.06", "optim.momentum=0.5", "optim.name=adamw",
        "optim.schedule=step", "augment.views=[flip]", "augment.evaluate=resize(8, 8)"})
    EXPECT_TRUE(ids.insert(id({change}, "tuned", 1)).second) << change;
  TempDir other;
  pack_colours(other, "train", 3, 12, {"red", "green", "blue"});
  EXPECT_TRUE(ids.insert(id({"data.train=" + (other / "train").string()}, "tuned", 1)).second);
  // The seeds of another backbone use other weights.
  const auto two = make_setting({}, {"run", "run1"});
  Cell cell = cell_of(*two, "tuned", 1);
  cell.seed = 2;
  EXPECT_TRUE(ids.insert(id_of(spec_of(*two, cell))).second);
  EXPECT_EQ(spec_of(*two, cell)["source"], two->backbones[1].sha256);
}

TEST(CellId, IgnoresWhatItDoesNotUse) {
  EXPECT_EQ(id({}, "frozen", 1), id({"transfer.kept_lr_factor=0.2"}, "frozen", 1));
  EXPECT_EQ(id({}, "frozen", 1), id({"transfer.folds=3"}, "frozen", 1));
  for (const std::string& probe : Registry<Probe>::names()) {
    EXPECT_EQ(id({}, probe, 1), id({"transfer.steps=7", "optim.lr=3"}, probe, 1));
    EXPECT_NE(id({}, probe, 1), id({"transfer.folds=3"}, probe, 1));
  }
}

}  // namespace
}  // namespace espalier::transfer

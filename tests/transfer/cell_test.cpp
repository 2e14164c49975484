#include "transfer/cell.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "transfer/transfer_support.h"

namespace espalier::transfer {
namespace {

std::string id(const std::vector<std::string>& assignments, const Cell& cell) {
  return id_of(spec_of(*make_setting(assignments), cell));
}

// What the backbone file holds of its first stages, before any cell has touched them.
std::string sha256_in_file(const engine::BackboneFile& backbone, int64_t stages) {
  const auto made = backbone.make();
  engine::load_state(*made, backbone.weights, "test");
  return engine::sha256_of(engine::stages_state(*made, stages));
}

TEST(Cell, FrozenStagesKeepEveryByteOfParametersAndBuffers) {
  const auto setting = make_setting();
  for (const int64_t cut : {1, 2}) {
    const std::string before = sha256_in_file(setting->backbone, cut);
    EXPECT_EQ(run_cell(*setting, {Mode::kFrozen, cut, 4, 0}).result.kept_sha256, before);
    EXPECT_NE(run_cell(*setting, {Mode::kTuned, cut, 4, 0}).result.kept_sha256, before);
  }
}

TEST(Cell, KeptStagesThatAreTunedAtRateZeroMoveOnlyTheirStatistics) {
  const auto setting = make_setting({"transfer.kept_lr_factor=0"});
  const auto frozen = run_cell(*setting, {Mode::kFrozen, 2, 4, 0});
  const auto tuned = run_cell(*setting, {Mode::kTuned, 2, 4, 0});
  EXPECT_NE(tuned.result.kept_sha256, frozen.result.kept_sha256);
  EXPECT_NE(tuned.result.loss, frozen.result.loss);
}

TEST(Cell, IdDependsNeitherOnPathsNorOnThreads) {
  const TempDir& temp = Source::instance().temp;
  TempDir elsewhere;
  std::filesystem::copy(temp / "train", elsewhere / "moved");
  const Cell cell{Mode::kTuned, 1, 4, 0};
  EXPECT_EQ(id({}, cell), id({"data.train=" + (elsewhere / "moved").string(), "data.threads=3",
                              "transfer.workers=2", "transfer.seeds=7", "transfer.cuts=[1]"},
                             cell));
}

TEST(Cell, IdChangesWithEverythingThatDecidesTheResult) {
  const Cell cell{Mode::kTuned, 1, 4, 0};
  std::set<std::string> ids = {id({}, cell)};
  for (const Cell& other : {Cell{Mode::kFrozen, 1, 4, 0}, Cell{Mode::kTuned, 2, 4, 0},
                            Cell{Mode::kTuned, 1, 2, 0}, Cell{Mode::kTuned, 1, 4, 1}})
    EXPECT_TRUE(ids.insert(id({}, other)).second);
  for (const std::string change :
       {"seed=1", "transfer.steps=5", "transfer.batch=4", "transfer.kept_lr_factor=0.2",
        "optim.lr=0.06", "optim.momentum=0.5", "optim.name=adamw", "optim.schedule=step",
        "augment.views=[flip]", "augment.evaluate=resize(8, 8)"})
    EXPECT_TRUE(ids.insert(id({change}, cell)).second) << change;
  TempDir other;
  pack_colours(other, "train", 3, 12, {"red", "green", "blue"});
  EXPECT_TRUE(ids.insert(id({"data.train=" + (other / "train").string()}, cell)).second);
}

TEST(Cell, IdIgnoresWhatItsModeDoesNotUse) {
  const Cell frozen{Mode::kFrozen, 1, 4, 0};
  EXPECT_EQ(id({}, frozen), id({"transfer.kept_lr_factor=0.2"}, frozen));
}

TEST(Cell, ScratchIsPlannedOnceForAllModes) {
  const auto setting = make_setting();
  int64_t scratch = 0, cut = 0;
  for (const Cell& cell : cells_of(setting->config)) ++(cell.cut == 0 ? scratch : cut);
  EXPECT_EQ(scratch, 2 * 2);      // budgets x seeds
  EXPECT_EQ(cut, 2 * 2 * 2 * 2);  // x cuts x modes
}

TEST(Cell, ALossThatIsNotFiniteEndsItAsDiverged) {
  engine::BackboneFile backbone = engine::BackboneFile::open(Source::instance().temp / "run");
  TransferConfig config = TransferConfig::read(document({}), backbone);
  config.optim.lr = 1e30;  // beyond what a configuration may ask for
  const Setting setting(std::move(config), std::move(backbone));
  const CellOutput output = run_cell(setting, {std::nullopt, 0, 4, 0});
  EXPECT_EQ(output.result.status, Status::kDiverged);
  EXPECT_LT(output.result.steps, 4);
  EXPECT_TRUE(std::isnan(output.result.accuracy));
  EXPECT_TRUE(output.predictions.empty());
}

TEST(Cell, AccuracyAtChanceIsFlaggedAsStuck) {
  const std::vector<std::string> rate_zero = {"optim.lr=0"}, long_run = {"transfer.steps=60"};
  EXPECT_TRUE(run_cell(*make_setting(rate_zero), {Mode::kFrozen, 2, 4, 0}).result.stuck);
  EXPECT_FALSE(run_cell(*make_setting(long_run), {Mode::kTuned, 1, 4, 0}).result.stuck);
}

TEST(Cell, ClassesAreMatchedByName) {
  TempDir temp;
  pack_colours(temp, "permuted", 2, 20, {"blue", "red", "green"});
  const Cell cell{Mode::kTuned, 1, 4, 0};
  const auto same = make_setting({"transfer.steps=60"});
  const auto permuted =
      make_setting({"transfer.steps=60", "data.test=" + (temp / "permuted").string()});
  const double accuracy = run_cell(*permuted, cell).result.accuracy;
  EXPECT_GT(accuracy, 0.8);
  EXPECT_NEAR(accuracy, run_cell(*same, cell).result.accuracy, 0.15);
}

TEST(Cell, ATestSetMayLackAClass) {
  TempDir temp;
  pack_colours(temp, "fewer", 2, 20, {"blue", "green"});
  const auto setting =
      make_setting({"transfer.steps=60", "data.test=" + (temp / "fewer").string()});
  EXPECT_EQ(setting->class_count(), 3);
  EXPECT_GT(run_cell(*setting, {Mode::kTuned, 1, 4, 0}).result.accuracy, 0.8);
}

}  // namespace
}  // namespace espalier::transfer

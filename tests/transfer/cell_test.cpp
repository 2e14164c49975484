#include "transfer/cell.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "transfer/head.h"
#include "transfer/probe.h"
#include "transfer/transfer_support.h"

namespace espalier::transfer {
namespace {

// Of each stage: the values of parameters and buffers, whatever their type and layout.
std::vector<std::string> sha256_of_stages(const model::Backbone& backbone) {
  std::vector<std::string> hashes;
  for (int64_t stage = 0; stage < backbone.stage_count(); ++stage) {
    tensor::TensorMap state;
    for (const auto& [name, tensor] : engine::stages_state(backbone, stage + 1))
      if (model::stage_of(backbone, name) == stage)
        state[name] = tensor.to(at::kDouble).contiguous();
    hashes.push_back(engine::sha256_of(state));
  }
  return hashes;
}

// What the backbone file holds, before any cell has touched it.
std::vector<std::string> sha256_in_file(const engine::BackboneFile& file) {
  const auto made = file.make();
  engine::load_state(*made, file.weights, "test");
  return sha256_of_stages(*made);
}

class EveryMode : public testing::TestWithParam<std::string> {};

TEST_P(EveryMode, RunsAtEveryCutAndIsReproducible) {
  const auto setting = make_setting();
  for (int64_t cut = 1; cut <= setting->stage_count(); ++cut) {
    const Cell cell = cell_of(*setting, GetParam(), cut);
    const CellOutput one = run_cell(*setting, cell), two = run_cell(*setting, cell);
    EXPECT_EQ(one.result.status, Status::kDone);
    EXPECT_GE(one.result.accuracy, 0);
    EXPECT_LE(one.result.accuracy, 1);
    EXPECT_TRUE(std::isfinite(one.result.loss));
    EXPECT_EQ(one.predictions.size(), 60U);
    EXPECT_EQ(one.predictions, two.predictions);
    EXPECT_EQ(one.result.loss, two.result.loss);
    EXPECT_EQ(one.curve, two.curve);
  }
}

TEST_P(EveryMode, StagesDoWhatThePlanSays) {
  const auto setting = make_setting();
  const std::vector<std::string> file = sha256_in_file(setting->model());
  for (int64_t cut = 1; cut <= setting->stage_count(); ++cut) {
    const Plan plan = plan_of(GetParam(), cut, setting->stage_count());
    ASSERT_EQ(plan.weights.size(), 2U);
    ASSERT_EQ(plan.trained.size(), 2U);
    const TrainedCell trained = train_cell(*setting, cell_of(*setting, GetParam(), cut));
    const std::vector<std::string> after = sha256_of_stages(*trained.network.backbone);
    for (size_t stage = 0; stage < after.size(); ++stage) {
      const bool is_source = plan.weights[stage] == Weights::kSource;
      EXPECT_EQ(after[stage] == file[stage], is_source && !plan.trained[stage])
          << "cut " << cut << ", stage " << stage;
    }
  }
}

TEST_P(EveryMode, IsScratchAtCutZero) {
  const auto setting = make_setting();
  EXPECT_EQ(id_of(spec_of(*setting, cell_of(*setting, GetParam(), 0))),
            id_of(spec_of(*setting, cell_of(*setting, kScratch, 0))));
}

TEST_P(EveryMode, IsAControlOrTakesPretrainedWeights) {
  const Plan plan = plan_of(GetParam(), 1, 2);
  EXPECT_NE(plan.is_control(1), plan.begins_with(Weights::kSource));
}

INSTANTIATE_TEST_SUITE_P(Registered, EveryMode, testing::ValuesIn(mode_names()));

class EveryHead : public testing::TestWithParam<std::string> {};

TEST_P(EveryHead, StandsOnEveryCut) {
  const auto setting = make_setting({"transfer.steps=60"});
  for (int64_t cut = 1; cut <= setting->stage_count(); ++cut) {
    const TrainedCell trained = train_cell(*setting, cell_of(*setting, "tuned", cut, GetParam()));
    EXPECT_GT(trained.output.result.accuracy, 0.5) << cut;
    // Stages above the cut that the head does not use stay as they were drawn.
    const auto head = std::dynamic_pointer_cast<Head>(trained.network.task);
    const auto drawn = train_cell(*make_setting({"transfer.steps=1", "optim.lr=0"}),
                                  cell_of(*setting, "frozen", cut, GetParam()));
    for (int64_t stage = head->depth(2); stage < 2; ++stage)
      EXPECT_EQ(sha256_of_stages(*trained.network.backbone)[static_cast<size_t>(stage)],
                sha256_of_stages(*drawn.network.backbone)[static_cast<size_t>(stage)]);
  }
}

INSTANTIATE_TEST_SUITE_P(Registered, EveryHead, testing::ValuesIn(Registry<Head>::names()));

TEST(Cell, FreshWeightsImagesAndOrderAreThoseOfTheSeedInEveryMode) {
  const auto setting = make_setting({"optim.lr=0", "transfer.steps=2"});
  std::set<std::string> last_stage, classifier, curve_of_fresh;
  for (const std::string& mode : Registry<Mode>::names()) {
    const Plan plan = plan_of(mode, 1, 2);
    if (plan.weights[1] != Weights::kFresh) continue;
    const TrainedCell trained = train_cell(*setting, cell_of(*setting, mode, 1));
    for (const auto& item : trained.network.backbone->named_parameters())
      if (item.key() == "conv2.weight") last_stage.insert(engine::sha256_of({{"w", item.value()}}));
    for (const auto& item : trained.network.task->named_parameters())
      if (item.key() == "classifier.weight")
        classifier.insert(engine::sha256_of({{"w", item.value()}}));
  }
  EXPECT_EQ(last_stage.size(), 1U);
  EXPECT_EQ(classifier.size(), 1U);
  // With equal weights, equal images in an equal order: one curve.
  for (const std::string mode : {"scratch", "random_tuned"})
    curve_of_fresh.insert(run_cell(*setting, cell_of(*setting, mode, 2)).curve);
  EXPECT_EQ(curve_of_fresh.size(), 1U);
}

TEST(Cell, ARandomStageAtRestHasTheStatisticsOfTheTrainingImages) {
  const auto setting = make_setting();
  const auto statistics = [&](const std::string& mode) {
    const TrainedCell trained = train_cell(*setting, cell_of(*setting, mode, 1));
    std::map<std::string, at::Tensor> found;
    for (const auto& item : trained.network.backbone->named_buffers())
      found[item.key()] = item.value().clone();
    return found;
  };
  const auto random = statistics("random_frozen");
  EXPECT_GT(random.at("bn1.running_mean").abs().max().item<double>(), 0);
  EXPECT_GT((random.at("bn1.running_var") - 1).abs().min().item<double>(), 0);
  const at::Tensor file = setting->model().weights.at("bn1.running_var");
  EXPECT_TRUE(statistics("frozen").at("bn1.running_var").equal(file));
}

TEST(Cell, MeanVarianceWeightsHaveTheMomentsOfTheSourceAndNotItsValues) {
  const auto setting = make_setting({"optim.lr=0", "transfer.steps=1"});
  const TrainedCell trained = train_cell(*setting, cell_of(*setting, "mean_var", 2));
  const at::Tensor drawn = trained.network.backbone->named_parameters()["conv2.weight"];
  const at::Tensor source = setting->model().weights.at("conv2.weight");
  EXPECT_FALSE(drawn.equal(source));
  const double deviation = source.std().item<double>();
  const double error = 4 * deviation / std::sqrt(static_cast<double>(source.numel()));
  EXPECT_NEAR(drawn.mean().item<double>(), source.mean().item<double>(), error);
  EXPECT_NEAR(drawn.std().item<double>(), deviation, error);
}

TEST(Cell, ASelfferBeginsWithABaseOfOtherFreshWeightsAndTheSameImages) {
  const auto setting = make_setting();
  int64_t asked = 0;
  Cell base;
  const auto weights = [&](const Cell& wanted) {
    ++asked;
    base = wanted;
    return engine::state_of(*train_cell(*setting, wanted).network.backbone);
  };
  const Cell cell = cell_of(*setting, "selffer_frozen", 1);
  const TrainedCell trained = train_cell(*setting, cell, {.base_weights = weights});
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(base.base);
  EXPECT_EQ(base.setting, cell.setting);
  const auto own = sha256_of_stages(*trained.network.backbone);
  EXPECT_EQ(own[0], sha256_of_stages(*train_cell(*setting, base).network.backbone)[0]);
  const Cell scratch = cell_of(*setting, kScratch, 0);
  EXPECT_NE(own[0], sha256_of_stages(*train_cell(*setting, scratch).network.backbone)[0]);
}

TEST(Cell, InTheFirstHalfOfLpftKeptStagesRest) {
  const std::vector<std::string> plain = {"optim.momentum=0"};
  const auto setting = make_setting(plain);
  EXPECT_GT(plan_of("lpft", 1, 2).head_first, 0);
  const auto weight = [&](const std::string& mode, int64_t steps) {
    Cell cell = cell_of(*setting, mode, 2);
    cell.setting.steps = steps;
    return train_cell(*setting, cell).network.backbone->named_parameters()["conv1.weight"].clone();
  };
  const at::Tensor source = setting->model().weights.at("conv1.weight");
  EXPECT_TRUE(weight("lpft", 1).equal(source));  // the half of one step, rounded up
  EXPECT_FALSE(weight("lpft", 2).equal(source));
  EXPECT_FALSE(weight("tuned", 1).equal(source));
}

TEST(Cell, KeptStagesThatAreTunedAtRateZeroMoveOnlyTheirStatistics) {
  const auto setting = make_setting({"transfer.kept_lr_factor=0"});
  const auto frozen = run_cell(*setting, cell_of(*setting, "frozen", 2));
  const auto tuned = run_cell(*setting, cell_of(*setting, "tuned", 2));
  EXPECT_NE(tuned.result.kept_sha256, frozen.result.kept_sha256);
  EXPECT_NE(tuned.result.loss, frozen.result.loss);
}

TEST(Cell, ATuningCellReadsHeldOutTrainingImagesAndNeverTheTestSet) {
  TempDir temp;
  pack_colours(temp, "other", 7, 5, {"red", "green", "blue"});
  const auto setting = make_setting(),
             other = make_setting({"data.test=" + (temp / "other").string()});
  Cell cell = cell_of(*setting, "tuned", 1);
  cell.fold = 0;
  const CellOutput output = run_cell(*setting, cell), again = run_cell(*other, cell);
  EXPECT_TRUE(std::isnan(output.result.accuracy));
  EXPECT_TRUE(output.predictions.empty());
  EXPECT_EQ(output.result.validation_accuracy, again.result.validation_accuracy);
  EXPECT_EQ(id_of(spec_of(*setting, cell)), id_of(spec_of(*other, cell)));
  std::set<std::string> ids = {id_of(spec_of(*setting, cell))};
  cell.fold = 1;
  EXPECT_TRUE(ids.insert(id_of(spec_of(*setting, cell))).second);
  cell.fold = {};
  EXPECT_TRUE(ids.insert(id_of(spec_of(*setting, cell))).second);
}

TEST(Cell, AProbeChoosesItsStrengthByHeldOutTrainingImages) {
  const auto setting = make_setting();
  for (const std::string& name : Registry<Probe>::names()) {
    const auto strengths = Registry<Probe>::create(name)->strengths();
    Cell cell = cell_of(*setting, name, 2);
    const CellOutput output = run_cell(*setting, cell);
    EXPECT_GT(output.result.accuracy, 0.6) << name;
    EXPECT_THAT(strengths, testing::Contains(output.result.probe_strength)) << name;
    cell.arm.labels_per_class = 1;
    EXPECT_EQ(run_cell(*setting, cell).result.probe_strength, strengths[strengths.size() / 2]);
  }
}

TEST(Cell, ALossThatIsNotFiniteEndsItAsDiverged) {
  const auto setting = make_setting();
  Cell cell = cell_of(*setting, kScratch, 0);
  cell.setting.lr = 1e30;  // beyond what a configuration may ask for
  const CellOutput output = run_cell(*setting, cell);
  EXPECT_EQ(output.result.status, Status::kDiverged);
  EXPECT_LT(output.result.steps, 4);
  EXPECT_TRUE(std::isnan(output.result.accuracy));
  EXPECT_TRUE(output.predictions.empty());
  EXPECT_FALSE(output.result.stuck);
}

TEST(Cell, AccuracyAtChanceIsFlaggedAsStuck) {
  const auto still = make_setting({"optim.lr=0"}), moving = make_setting({"transfer.steps=60"});
  EXPECT_TRUE(run_cell(*still, cell_of(*still, "frozen", 2)).result.stuck);
  EXPECT_FALSE(run_cell(*moving, cell_of(*moving, "tuned", 1)).result.stuck);
}

TEST(Cell, ClassesAreMatchedByName) {
  TempDir temp;
  pack_colours(temp, "permuted", 2, 20, {"blue", "red", "green"});
  const auto same = make_setting({"transfer.steps=60"});
  const auto permuted =
      make_setting({"transfer.steps=60", "data.test=" + (temp / "permuted").string()});
  const Cell cell = cell_of(*same, "tuned", 1);
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
  EXPECT_GT(run_cell(*setting, cell_of(*setting, "tuned", 1)).result.accuracy, 0.8);
}

}  // namespace
}  // namespace espalier::transfer

// Division of training images for choices, and the choices.
#include "transfer/sweep/sweep_plan.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "transfer/transfer_support.h"

namespace espalier::transfer {
namespace {

std::vector<int64_t> class_counts(const Setting& setting, const data::Selection& images) {
  std::vector<int64_t> counts(setting.classes.size());
  for (const int64_t i : images) ++counts[static_cast<size_t>(setting.train.label(i))];
  return counts;
}

// A store whose tuning cells have the accuracies that `accuracy` gives.
void fill(CellStore& store, const SweepPlan& plan,
          const std::function<double(const PlannedCell&)>& accuracy) {
  store.prepare();
  for (const PlannedCell& cell : plan.tuning()) {
    CellOutput output;
    output.result.validation_accuracy = accuracy(cell);
    output.result.accuracy = 1 - accuracy(cell);  // must not be what is read
    store.write(cell.id, cell.spec, output);
  }
}

TEST(Folds, EveryImageIsHeldOutOnceAndClassesAreDividedEvenly) {
  const auto setting = make_setting({"transfer.folds=4"});
  const data::Selection training = setting->training_split(8, 1).kept;
  const std::vector<data::Split> folds = setting->folds(training, 8, 1);
  ASSERT_EQ(folds.size(), 4U);
  data::Selection seen;
  for (const data::Split& fold : folds) {
    EXPECT_EQ(class_counts(*setting, fold.held_out), (std::vector<int64_t>{2, 2, 2}));
    EXPECT_EQ(data::without(training, fold.held_out), fold.kept);
    seen.insert(seen.end(), fold.held_out.begin(), fold.held_out.end());
  }
  std::ranges::sort(seen);
  EXPECT_EQ(seen, training);
  EXPECT_NE(folds[0].held_out, setting->folds(training, 8, 2)[0].held_out);
}

TEST(Folds, AreAsManyAsLabelsPerClassAtMostAndNoneForOne) {
  const auto setting = make_setting();
  const auto count = [&](int64_t labels) {
    const auto training = setting->training_split(labels, 1).kept;
    const auto folds = setting->folds(training, labels, 1);
    EXPECT_EQ(static_cast<int64_t>(folds.size()), setting->fold_count(labels));
    return folds.size();
  };
  EXPECT_EQ(count(1), 0U);
  EXPECT_EQ(count(2), 2U);
  EXPECT_EQ(count(4), 4U);
  EXPECT_EQ(count(8), 5U);
}

TEST(Folds, OfAllLabelsAFifthIsHeldOutOnce) {
  const auto setting = make_setting();
  const data::Selection training = setting->training_split(0, 1).kept;
  const auto folds = setting->folds(training, 0, 1);
  ASSERT_EQ(folds.size(), 1U);
  EXPECT_EQ(class_counts(*setting, training), (std::vector<int64_t>{11, 11, 11}));
  EXPECT_EQ(class_counts(*setting, folds[0].held_out), (std::vector<int64_t>{2, 2, 2}));
  EXPECT_EQ(setting->fold_count(100), 1);
}

TEST(SweepPlan, OneSettingNeedsNoTuning) {
  const auto setting = make_setting();
  const SweepPlan plan(*setting);
  EXPECT_TRUE(plan.tuning().empty());
  for (const PlannedArm& arm : plan.arms()) EXPECT_EQ(arm.chosen, 0U);
  for (const PlannedCell& cell : plan.cells()) EXPECT_EQ(cell.id.size(), 16U);
}

TEST(SweepPlan, EveryArmTriesEverySettingOnEveryFoldOfTheTuningSeeds) {
  const auto setting =
      make_setting({"transfer.lr=[0.01, 0.1]", "transfer.steps=[2, 4]",
                    "transfer.labels_per_class=[4]", "transfer.modes=[tuned, ridge]"});
  const SweepPlan plan(*setting);
  EXPECT_EQ(plan.tuning().size(), (1U + 2) * 4 * 4);  // arms that train x settings x folds
  for (const PlannedArm& arm : plan.arms())
    EXPECT_EQ(arm.chosen.has_value(), arm.arm.mode == "ridge");
  std::set<std::string> ids;
  for (const PlannedCell& cell : plan.tuning()) {
    EXPECT_TRUE(ids.insert(cell.id).second);
    EXPECT_EQ(cell.cell.seed, 0);
    EXPECT_EQ(cell.spec["test"], "");
  }
}

TEST(SweepPlan, AnArmTakesTheBestOfItsOwnSettingsForAllItsSeeds) {
  TempDir temp;
  const auto setting = make_setting({"transfer.lr=[0.1, 0.01, 0.05]", "transfer.cuts=[1]",
                                     "transfer.labels_per_class=[4]", "transfer.modes=[tuned]"});
  SweepPlan plan(*setting);
  CellStore store(temp.path());
  fill(store, plan, [](const PlannedCell& cell) {
    const double best = cell.cell.arm.mode == kScratch ? 0.1 : 0.05;
    return cell.cell.setting.lr == best ? 0.6 : 0.5;
  });
  plan.choose(store);
  EXPECT_EQ(plan.arms()[0].settings[*plan.arms()[0].chosen].lr, 0.1);
  EXPECT_EQ(plan.arms()[1].settings[*plan.arms()[1].chosen].lr, 0.05);
  EXPECT_NEAR(plan.arms()[1].validation[*plan.arms()[1].chosen], 0.6, 1e-12);
  for (const PlannedCell& cell : plan.cells()) {
    EXPECT_EQ(cell.cell.setting.lr, cell.arm == 0 ? 0.1 : 0.05);
    EXPECT_FALSE(cell.cell.fold);
  }
  const Json json = plan.json();
  EXPECT_EQ(json["arms"][1]["chosen"], 1);
  EXPECT_EQ(json["arms"][1]["settings"][1]["lr"], 0.05);
  EXPECT_EQ(json["arms"][1]["validation"].size(), 3U);
}

// Each would take another one by itself.
TEST(SweepPlan, APretrainedArmAndItsControlsChooseTogether) {
  TempDir temp;
  const auto setting = make_setting(
      {"transfer.lr=[0.01, 0.05, 0.1]", "transfer.cuts=[1]", "transfer.labels_per_class=[4]",
       "transfer.kept_lr_factor=[0.1, 0.3]",
       "transfer.modes=[frozen, random_frozen, selffer_frozen, tuned, random_tuned, mean_var]"});
  SweepPlan plan(*setting);
  CellStore store(temp.path());
  const auto control = [&](const Arm& arm) {
    return plan_of(arm.mode, arm.cut, setting->stage_count()).is_control(arm.cut);
  };
  fill(store, plan, [&](const PlannedCell& cell) {
    const double lr = cell.cell.setting.lr;
    if (lr == 0.05) return 0.7;
    return (lr == 0.01) == control(cell.cell.arm) ? 0.8 : 0.1;
  });
  plan.choose(store);
  std::map<size_t, std::set<std::string>> companies;
  for (const PlannedArm& arm : plan.arms()) {
    EXPECT_EQ(arm.settings[*arm.chosen].lr, arm.arm.mode == kScratch ? 0.1 : 0.05)
        << arm.arm.text();
    EXPECT_NEAR(arm.validation[0], control(arm.arm) ? 0.8 : 0.1, 1e-12) << "its own";
    companies[arm.company].insert(arm.arm.mode);
  }
  const std::set<std::string> frozen = {"frozen", "random_frozen", "selffer_frozen"},
                              tuned = {"tuned", "random_tuned", "mean_var"};
  EXPECT_THAT(companies, testing::UnorderedElementsAre(
                             testing::Pair(testing::_, std::set<std::string>{kScratch}),
                             testing::Pair(testing::_, frozen), testing::Pair(testing::_, tuned),
                             testing::Pair(testing::_, tuned)));  // by factor
}

// At the last cut partial is frozen.
TEST(SweepPlan, EqualRunsOfACompanyCountOnce) {
  TempDir temp;
  const auto setting = make_setting({"transfer.lr=[0.01, 0.05]", "transfer.cuts=[2]",
                                     "transfer.labels_per_class=[4]",
                                     "transfer.modes=[frozen, partial, random_frozen]"});
  SweepPlan plan(*setting);
  CellStore store(temp.path());
  fill(store, plan, [&](const PlannedCell& cell) {
    const bool low = cell.cell.setting.lr == 0.01;
    return cell.cell.arm.mode == "random_frozen" ? (low ? 0.8 : 0.5) : (low ? 0.5 : 0.7);
  });
  plan.choose(store);
  EXPECT_EQ(plan.arms()[1].company, plan.arms()[2].company);
  EXPECT_EQ(plan.arms()[1].settings[*plan.arms()[1].chosen].lr, 0.01);
}

TEST(SweepPlan, OfEqualSettingsTheSmallestRateAndTheFewestStepsAreTaken) {
  TempDir temp;
  const auto setting = make_setting(
      {"transfer.lr=[0.1, 0.01]", "transfer.steps=[4, 2]", "transfer.labels_per_class=[4]"});
  SweepPlan plan(*setting);
  CellStore store(temp.path());
  fill(store, plan, [](const PlannedCell&) { return 0.5; });
  plan.choose(store);
  for (const PlannedArm& arm : plan.arms())
    EXPECT_EQ(arm.settings[*arm.chosen], (Hyperparameters{0.01, 2}));
}

TEST(SweepPlan, ARateThatDivergesIsNotChosen) {
  TempDir temp;
  const auto setting = make_setting({"transfer.lr=[0.1, 0.01]", "transfer.labels_per_class=[4]"});
  SweepPlan plan(*setting);
  CellStore store(temp.path());
  // On one of four folds, and better on the others.
  fill(store, plan, [](const PlannedCell& cell) {
    if (cell.cell.setting.lr == 0.01) return 0.5;
    return *cell.cell.fold == 0 ? kNone : 0.6;
  });
  plan.choose(store);
  for (const PlannedArm& arm : plan.arms()) EXPECT_EQ(arm.settings[*arm.chosen].lr, 0.01);
}

TEST(SweepPlan, NothingIsChosenBeforeAllRunsOfAnArmAreThere) {
  TempDir temp;
  const auto setting = make_setting({"transfer.lr=[0.1, 0.01]", "transfer.labels_per_class=[4]"});
  SweepPlan plan(*setting);
  CellStore store(temp.path());
  fill(store, plan, [](const PlannedCell&) { return 0.5; });
  const PlannedCell last = plan.tuning().back();
  store.remove(last.id);
  plan.choose(store);
  for (size_t a = 0; a < plan.arms().size(); ++a)
    EXPECT_EQ(plan.arms()[a].chosen.has_value(), a != last.arm) << a;
  const Json json = plan.json();
  EXPECT_TRUE(json["arms"][last.arm]["chosen"].is_null());
  EXPECT_TRUE(json["cells"].back()["id"].is_null());
}

TEST(SweepPlan, AtOneLabelPerClassTheMiddleSettingIsTaken) {
  const auto setting =
      make_setting({"transfer.lr=[0.1, 0.01, 0.05]", "transfer.labels_per_class=[1]"});
  const SweepPlan plan(*setting);
  EXPECT_TRUE(plan.tuning().empty());
  for (const PlannedArm& arm : plan.arms()) EXPECT_EQ(arm.settings[*arm.chosen].lr, 0.05);
}

// Every process that computes a part of a sweep makes the same choices.
TEST(SweepPlan, ChoicesAreReproducible) {
  TempDir one, two;
  const std::vector<std::string> options = {"transfer.lr=[0.001, 0.05]", "transfer.steps=[1, 20]",
                                            "transfer.labels_per_class=[4]"};
  const auto first = make_sweep(one / "out", options), second = make_sweep(two / "out", options);
  run(*first);
  run(*second);
  EXPECT_EQ(first->plan().json(), second->plan().json());
  bool differ = false;
  for (const PlannedArm& arm : first->plan().arms())
    differ |= arm.settings[*arm.chosen].steps == 20;
  EXPECT_TRUE(differ);
}

}  // namespace
}  // namespace espalier::transfer

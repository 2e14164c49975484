#include "transfer/fit/fit.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "data/classes.h"
#include "transfer/fit/fitted_model.h"
#include "transfer/head.h"
#include "transfer_support.h"

namespace espalier::transfer {
namespace {

using testing::HasSubstr;

const std::function<void(int64_t, int64_t)> kSilent = [](int64_t, int64_t) {};

Fit make_fit(const FitChoice& choice, const std::vector<std::string>& assignments = {}) {
  const engine::BackboneFile backbone = backbones().front();
  config::Document asked = with_choice(document(assignments), choice, backbone);
  return Fit(TransferConfig::read(std::move(asked), backbone), backbone, choice);
}

// In the folder of `temp`.
engine::TrainedModel fitted(const TempDir& temp, const FitChoice& choice,
                            const std::vector<std::string>& assignments = {}) {
  Fit fit = make_fit(choice, assignments);
  fit.choose(kSilent);
  const engine::RunFolder folder{temp.path()};
  begin_fitted(folder, fit);
  write_fitted(folder, fit, fit.train({}), "espalier fit");
  return open_fitted(folder);
}

std::vector<int64_t> predictions(const engine::TrainedModel& model, const data::Dataset& set) {
  return engine::score(model.pass(set), data::all(set.size()),
                       data::labels_by_name(set, model.classes, "test"), model.scores)
      .predictions;
}

TEST(Fit, KeepsTheNetworkThatASweepMeasuresWithEveryHead) {
  const auto test = data::Dataset::open(Sets::instance().temp / "test");
  for (const std::string& head : Registry<Head>::names()) {
    const TempDir temp;
    const auto setting = make_setting({"transfer.heads=[" + head + "]"});
    const CellOutput measured = run_cell(*setting, cell_of(*setting, "tuned", 1, head));
    const engine::TrainedModel model =
        fitted(temp, {.mode = "tuned", .head = head, .cut = 1, .labels_per_class = 4});
    EXPECT_EQ(predictions(model, test), measured.predictions) << head;
    EXPECT_THAT(model.classes, testing::ElementsAre("red", "green", "blue"));
  }
}

TEST(Fit, OpensAsItWasWritten) {
  const TempDir temp;
  const engine::TrainedModel model = fitted(temp, {.mode = "frozen", .cut = 2});
  EXPECT_EQ(model.step, 4);
  EXPECT_EQ(model.last_cut, 2);
  EXPECT_EQ(model.augment.mean, std::vector<double>{0.4});
  EXPECT_EQ(model.data_hash, data::Dataset::open(Sets::instance().temp / "train").hash());
  EXPECT_EQ(model.test_set.folder, (Sets::instance().temp / "test").string());
  const auto kept = engine::BackboneFile::open(temp.path()), before = backbones().front();
  for (const auto& [name, tensor] : before.weights)
    EXPECT_TRUE(tensor.equal(kept.weights.at(name))) << name << " of a frozen stage";
  EXPECT_EQ(kept.task, "fit");
}

TEST(Fit, StagesThatTheHeadDoesNotUseStayAsTheyWere) {
  const TempDir temp;
  const engine::TrainedModel model =
      fitted(temp, {.mode = "tuned", .head = "linear", .cut = 1}, {"transfer.kept_lr_factor=1"});
  EXPECT_EQ(model.last_cut, 1);
  const auto kept = engine::BackboneFile::open(temp.path()), before = backbones().front();
  EXPECT_TRUE(kept.weights.at("conv2.weight").equal(before.weights.at("conv2.weight")));
  EXPECT_FALSE(kept.weights.at("conv1.weight").equal(before.weights.at("conv1.weight")));
}

TEST(Fit, NeedsNoTestSetAndReadsNone) {
  const TempDir temp;
  const engine::TrainedModel model = fitted(temp, {.cut = 1}, {"data.test="});
  EXPECT_TRUE(model.test_set.folder.empty());
  EXPECT_NO_THROW(make_fit({.cut = 1}, {"data.test=/nowhere"}));
}

TEST(Fit, OfSeveralRatesTakesTheOneThatIsBestOnHeldOutTrainingImages) {
  Fit fit = make_fit({.cut = 1, .labels_per_class = 4},
                     {"transfer.lr=[1e-6, 0.05]", "transfer.steps=40", "transfer.folds=2"});
  std::vector<int64_t> calls;
  fit.choose([&](int64_t done, int64_t) { calls.push_back(done); });
  EXPECT_THAT(calls, testing::ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(fit.chosen().cell.setting.lr, 0.05);
  EXPECT_GT(fit.chosen().validation, 0.5);
}

TEST(Fit, OfASourceHasItsWeightsAndItsNormalisation) {
  const TempDir temp;
  const std::string other = (Sets::instance().temp / "run1").string();
  const engine::TrainedModel model = fitted(temp, {.mode = "frozen", .source = "other", .cut = 2},
                                            {"transfer.sources=[\"other=" + other + "\"]"});
  const auto kept = engine::BackboneFile::open(temp.path());
  const auto source = backbones({"run1"}).front();
  for (const auto& [name, tensor] : source.weights)
    EXPECT_TRUE(tensor.equal(kept.weights.at(name))) << name;
}

TEST(Fit, RefusesWhatItCannotKeepAndSaysWhatToTry) {
  EXPECT_THAT(error_of(Kind::kUsage, [] { make_fit({.mode = "knn", .cut = 1}); }),
              HasSubstr("try: --mode frozen --head linear"));
  EXPECT_THAT(error_of(Kind::kUsage, [] { make_fit({.source = "public", .cut = 1}); }),
              HasSubstr("--source is public, there are: ours"));
  EXPECT_THAT(error_of(Kind::kUsage, [] { make_fit({.cut = 3}); }),
              HasSubstr("--cut is 3, the backbone has 2 stages: conv1, conv2"));
  EXPECT_THAT(error_of(Kind::kUsage, [] { make_fit({.mode = "tuend", .cut = 1}); }),
              HasSubstr("tuned"));
}

TEST(Fit, ThatHasNotEndedOrIsDamagedIsRefused) {
  const TempDir temp;
  const engine::RunFolder folder{temp.path()};
  begin_fitted(folder, make_fit({.cut = 1}));
  EXPECT_THAT(error_of(Kind::kUsage, [&] { open_fitted(folder); }), HasSubstr("has not ended"));
  fitted(temp, {.cut = 1});
  flip_byte(temp / "head.safetensors", -1);
  EXPECT_THAT(error_of(Kind::kData, [&] { open_fitted(folder); }), HasSubstr("SHA-256"));
}

}  // namespace
}  // namespace espalier::transfer

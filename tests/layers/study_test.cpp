#include "layers/study.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "transfer/transfer_support.h"

namespace espalier::layers {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using transfer::Sets;

// Matrices are small here: where cores are taken, more threads only wait for each other.
class OneThread : public ::testing::Environment {
 public:
  void SetUp() override { at::set_num_threads(1); }
};
[[maybe_unused]] const auto* const kOneThread = ::testing::AddGlobalTestEnvironment(new OneThread);

engine::TrainedModel open(const std::string& run) {
  const std::filesystem::path path = Sets::instance().temp / run;
  return engine::TrainedModel::of(engine::BackboneFile::open(path), path);
}

Study study_of(const engine::TrainedModel* against, StudyOptions options) {
  options.data = Sets::instance().temp / "test";
  return Study::of(open("run"), against, options);
}

// Of 60 images of three colours, and two networks of two stages.
const Study& study() {
  static const Study study = [] {
    const auto other = open("run1");
    return study_of(&other, {});
  }();
  return study;
}

const Measured& measured(const std::string& name, const std::string& network) {
  for (const Study::Row& row : study().rows)
    if (row.name == name)
      for (const Study::Of& of : row.of)
        if (of.network == network) return of.measured;
  static const Measured none;
  return none;
}

TEST(Study, HasEveryMeasureThatFindsWhatItNeeds) {
  std::vector<std::string> found;
  for (const Study::Row& row : study().rows) found.push_back(row.name);
  std::vector<std::string> wanted = Registry<LayerMeasure>::names();
  std::erase(wanted, "lidar");  // this run has no configuration that says what its views were
  EXPECT_EQ(found, wanted);
  for (const Study::Row& row : study().rows) {
    EXPECT_EQ(row.of[0].network, "run") << row.name;
    EXPECT_EQ(row.of[1].network, "untrained") << row.name;
    for (const Study::Of& of : row.of) {
      const Measured& one = of.measured;
      if (!one.numbers.empty()) EXPECT_THAT(one.numbers, SizeIs(2)) << row.name;
      if (!one.scatters.empty()) EXPECT_THAT(one.scatters, SizeIs(2)) << row.name;
      if (!one.table.empty()) EXPECT_THAT(one.table, Each(SizeIs(2))) << row.name;
    }
  }
}

TEST(Study, ProbesTellColoursApartOnImagesTheyHaveNotSeen) {
  for (const std::string probe : {"ridge", "knn"})
    for (const Share& accuracy : measured(probe, "run").numbers) {
      EXPECT_GT(accuracy.value, 0.9) << probe;
      EXPECT_LE(accuracy.low, accuracy.value);
      EXPECT_LT(accuracy.low, accuracy.high);
    }
}

TEST(Study, AStageIsLikeItselfAndUntrainedWeightsLieElsewhere) {
  const auto& own = measured("cka", "run").table;
  for (size_t stage = 0; stage < own.size(); ++stage) EXPECT_NEAR(own[stage][stage], 1, 1e-9);
  EXPECT_NEAR(own[0][1], own[1][0], 1e-9);
  // Both runs are draws of one scheme here, as the untrained network is.
  for (const Share& moved : measured("movement", "run").numbers) EXPECT_NEAR(moved.value, 1.4, 0.5);
}

TEST(Study, OfARunAgainstItselfFindsNoDifference) {
  const auto other = open("run");
  const Study same = study_of(&other, {.draws = 1});
  for (const Study::Row& row : same.rows) {
    if (row.name == "movement")
      for (const Share& moved : row.of[0].measured.numbers) EXPECT_EQ(moved.value, 0);
    if (row.name == "cka_against")
      for (size_t s = 0; s < 2; ++s) EXPECT_NEAR(row.of[0].measured.table[s][s], 1, 1e-9);
  }
}

TEST(Study, IsTheSameTwice) {
  EXPECT_EQ(study_of(nullptr, {.images = 40}).csv(), study_of(nullptr, {.images = 40}).csv());
}

TEST(Study, OfSeveralUntrainedNetworksIsTheMeanOfEach) {
  const Study three = study_of(nullptr, {.seed = 4});
  for (const Study::Row& row : three.rows) {
    if (row.of[0].measured.numbers.empty()) continue;
    ASSERT_THAT(row.draws, SizeIs(3)) << row.name;
    for (size_t stage = 0; stage < 2; ++stage) {
      double sum = 0;
      for (const auto& draw : row.draws) sum += draw[stage];
      const Share& mean = row.of[1].measured.numbers[stage];
      EXPECT_NEAR(mean.value, sum / 3, 1e-9) << row.name;
      // Student's interval of three, and that of a fourth: sqrt(1 / 3) and sqrt(1 + 1 / 3).
      const Share& gain = row.gain[stage];
      EXPECT_NEAR(gain.value, row.of[0].measured.numbers[stage].value - mean.value, 1e-9);
      EXPECT_NEAR(gain.high - gain.low, 2 * (mean.high - mean.low), 1e-9) << row.name;
    }
  }
  // The first network is that of a study with one draw, the second is another.
  const Study one = study_of(nullptr, {.seed = 4, .draws = 1});
  for (size_t r = 0; r < three.rows.size(); ++r) {
    const Study::Row &row = three.rows[r], &single = one.rows[r];
    EXPECT_TRUE(single.gain.empty());
    if (row.draws.empty()) continue;
    EXPECT_EQ(row.draws[0], single.draws[0]) << row.name;
    if (row.name == "rank_me") EXPECT_NE(row.draws[0], row.draws[1]);
  }
}

TEST(Study, RefusesToCompareNetworksOfTwoModels) {
  TempDir temp;
  transfer::write_backbone(temp / "wide", 5, transfer::conv_bn_of("[4, 8]"));
  const auto wide = engine::TrainedModel::of(engine::BackboneFile::open(temp / "wide"), "wide");
  const std::string message = error_of(Kind::kUsage, [&] { study_of(&wide, {}); });
  EXPECT_THAT(message, HasSubstr("not of one model"));
}

TEST(Study, WritesOnePageAndTables) {
  TempDir out;
  study().write(out.path());
  const Json json = Json::parse(read_file(out / "layers.json"));
  EXPECT_EQ(json["stages"], (Json{"conv1", "conv2"}));
  EXPECT_EQ(json["widths"], (Json{4, 6}));
  const Json& ridge = json["measures"]["ridge"];
  EXPECT_THAT(ridge["of"]["untrained"]["stages"], SizeIs(2));
  EXPECT_THAT(ridge["untrained_draws"], SizeIs(3));
  EXPECT_THAT(ridge["run_minus_untrained"], SizeIs(2));
  EXPECT_THAT(read_file(out / "layers.csv"), HasSubstr("rank_me,untrained,2,conv2,"));
  const std::string page = read_file(out / "layers.html");
  EXPECT_THAT(page, HasSubstr("Accuracy of a linear probe"));
  EXPECT_THAT(page, HasSubstr("run − untrained"));
  EXPECT_THAT(page, HasSubstr("data:image/png;base64,"));
  EXPECT_THAT(page, ::testing::Not(HasSubstr("nan")));
}

TEST(Labels, AreSplitIntoThreeThatShareNoImage) {
  std::vector<int64_t> classes;
  for (int64_t i = 0; i < 100; ++i) classes.push_back(i % 7 == 6 ? -1 : i % 7 < 4 ? 0 : 1);
  classes.insert(classes.end(), {2, 2, 2});  // too few
  const auto labels = labels_of(classes, 3, 0);
  ASSERT_TRUE(labels.has_value());
  std::vector<int64_t> all;
  for (const at::Tensor& part : {labels->learn, labels->choose, labels->tested})
    for (int64_t i = 0; i < part.size(0); ++i) all.push_back(part[i].item<int64_t>());
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
  EXPECT_EQ(std::ssize(all),
            std::ranges::count_if(classes, [](int64_t c) { return c == 0 || c == 1; }));
  EXPECT_NEAR(static_cast<double>(labels->tested.size(0)) / static_cast<double>(all.size()), 0.2,
              0.02);
  EXPECT_FALSE(labels_of({0, 0, 0, 1, 1, 1}, 2, 0).has_value());
}

TEST(Subject, FeaturesOfTheLastStageAreWhatTheNetworkRepresents) {
  const auto run = open("run");
  const auto set = data::Dataset::open(Sets::instance().temp / "test");
  const auto selection = data::all(set.size());
  const transfer::EvaluationSet images(run.pass(set), selection,
                                       std::vector<int64_t>(selection.size()), 1 << 20);
  std::vector<at::Tensor> parts;
  images.over([&](const at::Tensor& x, int64_t) { parts.push_back(run.backbone->represent({x})); });
  EXPECT_TRUE(features_of(*run.backbone, images).back().equal(at::cat(parts)));
}

}  // namespace
}  // namespace espalier::layers

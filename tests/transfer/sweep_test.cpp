#include "transfer/sweep/sweep.h"

#include <gmock/gmock.h>

#include <set>

#include "transfer/transfer_support.h"

namespace espalier::transfer {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kCells = 2 * 2 * (1 + 2 * 2);  // budgets x seeds x (scratch + cuts x modes)

std::map<std::string, fs::file_time_type> result_times(const fs::path& out) {
  std::map<std::string, fs::file_time_type> times;
  for (const auto& entry : fs::directory_iterator(out / "cells"))
    times[entry.path().filename()] = fs::last_write_time(entry.path() / "result.json");
  return times;
}

TEST(Sweep, RepeatsNoFinishedCellAndComputesOnlyWhatIsMissing) {
  TempDir temp;
  EXPECT_EQ(run(*make_sweep(temp / "out")), kCells);
  const auto times = result_times(temp / "out");
  EXPECT_EQ(run(*make_sweep(temp / "out")), 0);
  EXPECT_EQ(result_times(temp / "out"), times);
  EXPECT_EQ(run(*make_sweep(temp / "out", {"transfer.seeds=3"})), kCells / 2);
}

TEST(Sweep, EveryByteButTimesIsTheSameForOneWorkerAndFour) {
  TempDir temp;
  const std::vector<std::string> options = {"transfer.lr=[0.02, 0.05]",
                                            "transfer.modes=[frozen, ridge, selffer_tuned]"};
  std::map<std::string, std::string> bytes[2];
  for (const int64_t i : {0, 1}) {
    std::vector<std::string> own = options;
    own.push_back(i == 0 ? "transfer.workers=1" : "transfer.workers=4");
    run(*make_sweep(temp / std::to_string(i), own));
    for (const auto& entry : fs::recursive_directory_iterator(temp / std::to_string(i))) {
      const fs::path file = entry.path();
      if (!entry.is_regular_file() || file.filename() == "provenance.json" ||
          file.filename() == "config.yaml")
        continue;
      std::string text = read_file(file);
      if (file.filename() == "result.json") {
        auto json = nlohmann::json::parse(text);
        json.erase("seconds");
        text = json.dump();
      }
      if (file.filename() == "cells.csv") continue;  // of the same results
      bytes[i][fs::relative(file, temp / std::to_string(i))] = text;
    }
  }
  EXPECT_EQ(bytes[0], bytes[1]);
  EXPECT_GT(bytes[0].size(), 100U);
}

TEST(Sweep, WritesWhatTheReportReads) {
  TempDir temp;
  const auto sweep = make_sweep(temp / "out");
  run(*sweep);
  const auto summary = nlohmann::json::parse(read_file(temp / "out" / "summary.json"));
  EXPECT_EQ(summary["rows"].size(), 2 * 5);
  EXPECT_EQ(summary["classes"], (std::vector<std::string>{"red", "green", "blue"}));
  EXPECT_EQ(summary["stages"], (std::vector<std::string>{"conv1", "conv2"}));
  EXPECT_TRUE(summary["rows"][0]["diff_mean"].is_null());
  EXPECT_EQ(summary["best"].size(), 2);
  EXPECT_THAT(read_file(temp / "out" / "cells.csv"),
              testing::HasSubstr(",ours,tuned,0.1,suffix,2,conv2,4,1,0,0.05,4,"));
  EXPECT_NO_THROW(config::Document::load(temp / "out" / "config.yaml"));
  const auto facts = nlohmann::json::parse(read_file(temp / "out" / "provenance.json"));
  EXPECT_EQ(facts["cells_computed_by_this_command"], kCells);
  const auto plan = nlohmann::json::parse(read_file(temp / "out" / "plan.json"));
  EXPECT_EQ(plan["cells"].size(), kCells);
  EXPECT_EQ(plan["arms"].size(), 2 * 5);
  EXPECT_EQ(plan["arms"][1]["mode"], "frozen");
  EXPECT_EQ(plan["arms"][1]["chosen"], 0);
  EXPECT_EQ(plan["arms"][1]["settings"][0]["steps"], 4);
  EXPECT_FALSE(plan["arms"][1]["control"]);
  EXPECT_EQ(plan["test_images"], 60);
  EXPECT_EQ(plan["backbones"].size(), 1);
  EXPECT_EQ(plan["stages"], summary["stages"]);
  const std::string labels = read_file(temp / "out" / "test_labels.bin");
  ASSERT_EQ(labels.size(), 60U);
  for (size_t i = 0; i < labels.size(); ++i) EXPECT_EQ(labels[i], sweep->setting().test_labels[i]);
}

TEST(Sweep, ARandomControlAndAllSeedsAreThereByDefault) {
  const SweepOptions options;
  EXPECT_EQ(options.seeds, 9);
  int64_t controls = 0;
  for (const std::string& mode : options.modes) controls += plan_of(mode, 1, 2).is_control(1);
  EXPECT_GE(controls, 2);
}

TEST(Sweep, RatesLengthsAndFactorsTakeOneNumberForAListOfOne) {
  const TransferConfig one =
      make_config({"transfer.kept_lr_factor=0.5", "transfer.lr=1e-2", "transfer.steps=7"});
  EXPECT_EQ(one.sweep.kept_lr_factor, (std::vector{0.5}));
  EXPECT_EQ(one.sweep.lr, (std::vector{0.01}));
  EXPECT_EQ(one.sweep.steps, (std::vector<int64_t>{7}));
  const TransferConfig listed =
      make_config({"transfer.kept_lr_factor=[0.5]", "transfer.lr=[1e-2]", "transfer.steps=[7]"});
  EXPECT_EQ(one.document.resolved(), listed.document.resolved());
  EXPECT_EQ(make_config({"transfer.lr=[0.1, 1]", "transfer.lr="}).sweep.lr, (std::vector{0.05}));
}

TEST(Sweep, EqualRunsOfTwoArmsAreOneCell) {
  TempDir temp;
  const auto sweep = make_sweep(temp / "out", {"transfer.modes=[scratch, tuned, random_tuned]",
                                               "transfer.kept_lr_factor=[0.1, 1]"});
  // Random weights at factor 1 are scratch at every cut.
  EXPECT_EQ(run(*sweep), 2 * 2 * (1 + 2 * (2 + 1)));
  std::map<std::string, std::set<double>> accuracies;
  for (const statistics::Cell& cell : sweep->finished()) accuracies[cell.id].insert(cell.accuracy);
  EXPECT_EQ(sweep->finished().size(), 2U * 2 * (1 + 2 * (2 + 2)));
  EXPECT_EQ(accuracies.size(), 2U * 2 * (1 + 2 * (2 + 1)));
}

TEST(Sweep, SeedsComeInTurnTheLongCellsOfEachFirst) {
  TempDir temp;
  const auto sweep =
      make_sweep(temp / "out", {"transfer.modes=[random_frozen, tuned]",
                                "transfer.labels_per_class=[4]", "transfer.workers=1"});
  run(*sweep);
  const auto times = result_times(temp / "out");
  std::map<int64_t, std::vector<fs::file_time_type>> all, rest, learn;
  for (const statistics::Cell& cell : sweep->finished()) {
    const fs::file_time_type time = times.at(cell.id);
    all[cell.seed].push_back(time);
    (cell.mode == "random_frozen" ? rest : learn)[cell.seed].push_back(time);
  }
  for (const int64_t seed : {0, 1})
    EXPECT_LT(std::ranges::max(learn[seed]), std::ranges::min(rest[seed]));
  EXPECT_LT(std::ranges::max(all[0]), std::ranges::min(all[1]));
}

TEST(Sweep, SeedsAreAddedUntilIntervalsAreNarrow) {
  TempDir temp;
  std::vector<std::string> options = {"transfer.seeds=4", "transfer.most_seeds=8",
                                      "transfer.modes=[frozen]", "transfer.cuts=[1]",
                                      "transfer.labels_per_class=[4]"};
  const auto until = [&](const std::string& points) {
    std::vector<std::string> own = options;
    own.push_back("transfer.until_half_width=" + points);
    return own;
  };
  EXPECT_EQ(run(*make_sweep(temp / "wide", until("100"))), 2 * 4);
  const auto narrow = make_sweep(temp / "narrow", until("0.001"));
  EXPECT_EQ(run(*narrow), 2 * 8);
  EXPECT_EQ(run(*make_sweep(temp / "narrow", until("0.001"))), 0);
  options[0] = "transfer.seeds=8";
  run(*make_sweep(temp / "eight", options));
  EXPECT_EQ(read_file(temp / "narrow" / "summary.csv"), read_file(temp / "eight" / "summary.csv"));
  EXPECT_EQ(nlohmann::json::parse(read_file(temp / "wide" / "plan.json"))["cells"].size(), 2U * 4);
}

TEST(Sweep, SeedsThatMayBeAddedAreOfTheirBackbone) {
  TempDir temp;
  const auto sweep = make_sweep(
      temp / "out",
      {"transfer.until_half_width=100", "transfer.most_seeds=5", "transfer.modes=[prototype]"}, {},
      {"run", "run1"});
  run(*sweep);
  std::map<int64_t, std::set<int64_t>> seeds;
  for (const statistics::Cell& cell : sweep->finished()) seeds[cell.backbone].insert(cell.seed);
  EXPECT_THAT(seeds[0], testing::IsSupersetOf({0, 1}));
  EXPECT_THAT(seeds[1], testing::IsSupersetOf({5, 6}));
  EXPECT_EQ(seeds[0].size(), seeds[1].size());
}

TEST(Sweep, SeedsOfSeveralBackbonesShareNothing) {
  TempDir temp;
  const auto sweep = make_sweep(temp / "out", {}, {}, {"run", "run1"});
  EXPECT_EQ(run(*sweep), 2 * kCells);
  std::map<int64_t, std::set<int64_t>> seeds;
  for (const statistics::Cell& cell : sweep->finished()) seeds[cell.backbone].insert(cell.seed);
  EXPECT_EQ(seeds, (std::map<int64_t, std::set<int64_t>>{{0, {0, 1}}, {1, {2, 3}}}));
  const auto plan = nlohmann::json::parse(read_file(temp / "out" / "plan.json"));
  EXPECT_EQ(plan["backbones"].size(), 2);
  EXPECT_NE(plan["backbones"][0]["sha256"], plan["backbones"][1]["sha256"]);
  EXPECT_THAT(
      [&] {
        make_sweep(temp / "out", {}, {}, {"run", "run"});
      },
      testing::ThrowsMessage<Error>(testing::HasSubstr("the same weights twice")));
}

TEST(Sweep, OtherSourcesAreArmsOfTheirOwn) {
  TempDir temp;
  const std::string other = (Sets::instance().temp / "run1").string();
  const auto sweep =
      make_sweep(temp / "out", {"transfer.sources=[\"public=" + other + "\"]",
                                "transfer.modes=[frozen]", "transfer.labels_per_class=[4]"});
  EXPECT_EQ(run(*sweep), 2 * (1 + 2 * 2));
  EXPECT_THAT(read_file(temp / "out" / "cells.csv"),
              testing::HasSubstr(",public,frozen,0,suffix,"));
  const CellStore store(temp / "out");
  std::set<std::string> kept;
  for (const statistics::Cell& cell : sweep->finished())
    if (cell.cut == 2) kept.insert(store.read(cell.id).kept_sha256);
  EXPECT_EQ(kept.size(), 2U);
}

TEST(Sweep, ASourceLooksAtImagesAsItsWeightsKnowThem) {
  TempDir temp;
  write_backbone(temp / "other", 7, conv_bn_of("[4, 6]"), {3, 8, 8}, 0.5);
  const auto setting =
      make_setting({"transfer.sources=[\"public=" + (temp / "other").string() + "\"]"});
  Cell cell = cell_of(*setting, "frozen", 1);
  EXPECT_EQ(spec_of(*setting, cell)["mean"], (std::vector<double>{0.4}));
  cell.arm.source = "public";
  EXPECT_EQ(spec_of(*setting, cell)["mean"], (std::vector<double>{0.5}));
  const auto first_pixel = [&](const char* source) {
    double value = 0;
    setting->test_set(setting->source(source)).over([&](const at::Tensor& x, int64_t first) {
      if (first == 0) value = x.flatten()[0].item<double>();
    });
    return value;
  };
  EXPECT_NEAR(first_pixel("ours") - first_pixel("public"), 0.1 / 0.3, 1e-5);
}

TEST(Sweep, AllLabelsComeLast) {
  const auto setting = make_setting({"transfer.labels_per_class=[0, 4, 2]"});
  EXPECT_EQ(setting->config.sweep.labels_per_class, (std::vector<int64_t>{2, 4, 0}));
}

}  // namespace
}  // namespace espalier::transfer

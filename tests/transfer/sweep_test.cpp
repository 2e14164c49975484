#include "transfer/sweep.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "comm/topology.h"
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

std::string refusal(const std::vector<std::string>& assignments) {
  TempDir temp;
  try {
    make_sweep(temp / "out", assignments);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kUsage) << error.what();
    EXPECT_FALSE(fs::exists(temp / "out"));
    return error.what();
  }
  return "not refused";
}

pid_t ended_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return child;
}

TEST(Sweep, RepeatsNoFinishedCellAndComputesOnlyWhatIsMissing) {
  TempDir temp;
  EXPECT_EQ(make_sweep(temp / "out").run(), kCells);
  const auto times = result_times(temp / "out");
  EXPECT_EQ(make_sweep(temp / "out").run(), 0);
  EXPECT_EQ(result_times(temp / "out"), times);
  EXPECT_EQ(make_sweep(temp / "out", {"transfer.seeds=3"}).run(), kCells / 2);
}

TEST(Sweep, ResultsDoNotDependOnTheNumberOfWorkers) {
  TempDir temp;
  const Sweep one = make_sweep(temp / "1", {"transfer.workers=1"});
  const Sweep two = make_sweep(temp / "2", {"transfer.workers=2"});
  one.run();
  two.run();
  for (const statistics::Cell& cell : one.finished())
    for (const char* file : {"spec.json", "curve.csv", "predictions.bin"})
      EXPECT_EQ(read_file(temp / "1" / "cells" / cell.id / file),
                read_file(temp / "2" / "cells" / cell.id / file));
  for (size_t i = 0; i < one.finished().size(); ++i) {
    EXPECT_EQ(one.finished()[i].accuracy, two.finished()[i].accuracy);
    EXPECT_EQ(one.finished()[i].loss, two.finished()[i].loss);
  }
}

TEST(Sweep, WritesWhatTheReportReads) {
  TempDir temp;
  const Sweep sweep = make_sweep(temp / "out");
  const int64_t computed = sweep.run();
  sweep.write_results("espalier transfer", 1.5, computed);
  const auto summary = nlohmann::json::parse(read_file(temp / "out" / "summary.json"));
  EXPECT_EQ(summary["rows"].size(), 2 * 5);
  EXPECT_EQ(summary["classes"], (std::vector<std::string>{"red", "green", "blue"}));
  EXPECT_EQ(summary["stages"], (std::vector<std::string>{"conv1", "conv2"}));
  EXPECT_TRUE(summary["rows"][0]["diff_mean"].is_null());
  EXPECT_EQ(summary["best"].size(), 2);
  EXPECT_THAT(read_file(temp / "out" / "cells.csv"), testing::HasSubstr(",suffix,2,conv2,4,1,"));
  EXPECT_NO_THROW(config::Document::load(temp / "out" / "config.yaml"));
  const auto facts = nlohmann::json::parse(read_file(temp / "out" / "provenance.json"));
  EXPECT_EQ(facts["cells_computed_by_this_command"], kCells);
  const auto plan = nlohmann::json::parse(read_file(temp / "out" / "plan.json"));
  EXPECT_EQ(plan["cells"].size(), kCells);
  EXPECT_EQ(plan["stages"], summary["stages"]);
}

TEST(Sweep, RefusesWhatDoesNotFitBeforeItTouchesTheFolder) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal({"transfer.cuts=[3]"}), HasSubstr("has 3, the backbone has 2 stages"));
  EXPECT_THAT(refusal({"augment.mean=[0.5]"}), HasSubstr("not what the backbone was trained with"));
  EXPECT_THAT(refusal({"transfer.labels_per_class=[13]"}),
              HasSubstr("data.train has 12 labelled images"));
  EXPECT_THAT(refusal({"transfer.seeds=1000",
                       "transfer.labels_per_class=[1, 2, 3, 4, 5, 6, 7, 8, "
                       "9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]"}),
              HasSubstr("the sweep has 125000 cells"));
  EXPECT_THAT(refusal({"transfer.modes=[]"}), HasSubstr("nothing to compute"));
  EXPECT_THAT(refusal({"transfer.labels_per_class=[]"}), HasSubstr("nothing to compute"));
  EXPECT_THAT(refusal({"augment.evaluate=resize(9, 9)"}), HasSubstr("the network takes 3 x 8 x 8"));
  EXPECT_THAT(refusal({"transfer.modes=[cold]"}), HasSubstr("'cold'"));
  EXPECT_THAT(refusal({"model.widths=[4]"}), HasSubstr("model"));
}

TEST(Sweep, RefusesATestSetWithAClassOfAnotherName) {
  TempDir temp;
  write_classes(temp / "source", 1, 8);
  pack_images(temp / "source", temp / "animals");
  EXPECT_THAT(refusal({"data.test=" + (temp / "animals").string()}), testing::HasSubstr("'cat'"));
}

TEST(Sweep, RefusesATestSetThatIsTheTrainingSetWhereverItLies) {
  TempDir temp;
  fs::copy(Source::instance().temp / "train", temp / "copy");
  EXPECT_THAT(refusal({"data.test=" + (temp / "copy").string()}),
              testing::HasSubstr("holds the same set as data.train"));
}

TEST(Sweep, RefusesATestSetWithoutLabels) {
  TempDir temp;
  write_bytes(temp / "flat" / "a.png", image::encode_png(noise_image(1, 8, 8, 3)));
  pack_images(temp / "flat", temp / "unlabelled");
  EXPECT_THAT(refusal({"data.test=" + (temp / "unlabelled").string()}),
              testing::HasSubstr("have no label"));
}

TEST(Sweep, AllLabelsComeLast) {
  const auto setting = make_setting({"transfer.labels_per_class=[0, 4, 2]"});
  EXPECT_EQ(setting->config.sweep.labels_per_class, (std::vector<int64_t>{2, 4, 0}));
}

TEST(BackboneFile, ADamagedFileIsRefused) {
  TempDir temp;
  fs::copy(Source::instance().temp / "run", temp / "run");
  flip_byte(temp / "run" / "backbone.safetensors", -1);
  EXPECT_THAT([&] { engine::BackboneFile::open(temp / "run"); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("SHA-256")));
}

TEST(CellStore, ALockHoldsWhileItsProcessLivesAndIsTakenOverFromADeadOrSilentOne) {
  TempDir temp;
  const CellStore store(temp.path());
  const fs::path lock = temp / "cells" / "a.lock";
  write_file(lock, fmt::format("{} {}\n", comm::host_name(), getppid()));
  EXPECT_FALSE(store.claim("a"));
  write_file(lock, "another-host 1\n");
  EXPECT_FALSE(store.claim("a"));
  fs::last_write_time(lock, fs::file_time_type::clock::now() - std::chrono::minutes(11));
  EXPECT_TRUE(store.claim("a"));
  EXPECT_FALSE(fs::exists(lock));
  write_file(lock, fmt::format("{} {}\n", comm::host_name(), ended_process()));
  EXPECT_TRUE(store.claim("a"));
}

}  // namespace
}  // namespace espalier::transfer

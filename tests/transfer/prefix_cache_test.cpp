#include "transfer/prefix_cache.h"

#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <torch/torch.h>

#include <thread>

#include "transfer/head.h"
#include "transfer/transfer_support.h"

namespace espalier::transfer {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSide = 20, kMostParameters = 3'000'000;

// Section `model` of a narrow network with few blocks and small patches, where it has such options.
std::string small_model(const std::string& name) {
  std::string text = "model:\n  name: " + name + "\n";
  for (const Field& field : Registry<model::Backbone>::create(name)->fields()) {
    auto* const count = std::get_if<int64_t*>(&field.target);
    if (count == nullptr) continue;
    const auto set = [&](double value) {
      text += fmt::format("  {}: {:.0f}\n", field.name, std::max(value, field.info.min));
    };
    if (field.info.unit == "blocks") set(2);
    if (field.info.unit == "channels") set(std::min<double>(static_cast<double>(**count), 32));
    if (field.name == "patch") set(2);
  }
  return text;
}

// Packed sets and a backbone of another kind than the Source's.
class OtherSource {
 public:
  explicit OtherSource(const std::string& model, int64_t side = kSide) {
    pack_colours(temp_, "train", 1, 5, {"red", "green", "blue"}, side);
    pack_colours(temp_, "test", 2, 4, {"red", "green", "blue"}, side);
    write_backbone(temp_ / "run", 5, model, {3, side, side});
  }

  engine::BackboneFile backbone() const { return engine::BackboneFile::open(temp_ / "run"); }

  // Result files of the cells by name, without what a clock gave.
  std::map<std::string, std::string> run(const std::string& name,
                                         const std::vector<std::string>& changes) {
    std::vector<std::string> assignments = {
        "data.train=" + (temp_ / "train").string(), "data.test=" + (temp_ / "test").string(),
        "transfer.labels_per_class=[2]", "transfer.modes=[frozen]", "transfer.steps=3"};
    assignments.insert(assignments.end(), changes.begin(), changes.end());
    TransferConfig config = TransferConfig::read(document(assignments), backbone());
    Sweep sweep(std::move(config), {backbone()}, temp_ / name, {.quiet = true});
    sweep.prepare();
    sweep.run(/*writes=*/false);
    computed_ = sweep.setting().prefix_cache().computed();
    bytes_ = sweep.setting().prefix_cache().bytes();
    std::map<std::string, std::string> files;
    for (const auto& folder : fs::directory_iterator(temp_ / name / "cells"))
      for (const char* file : {"result.json", "predictions.bin", "curve.csv"})
        files[(folder.path().filename() / file).string()] = read_file(folder.path() / file);
    for (auto& [path, text] : files)
      if (path.ends_with(".json")) {
        auto json = nlohmann::json::parse(text);
        json.erase("seconds");
        text = json.dump();
      }
    return files;
  }

  int64_t computed() const { return computed_; }  // by the last run()
  int64_t bytes() const { return bytes_; }

  // Without a cache, and with one on one worker and on four; gives the number of cells.
  size_t expect_cached_is_uncached(const std::vector<std::string>& changes) {
    const auto run_with = [&](const std::string& workers, const std::string& bytes) {
      std::vector<std::string> all = changes;
      all.push_back("transfer.workers=" + workers);
      all.push_back("transfer.cache_bytes=" + bytes);
      return run(fmt::format("run-{}", ++runs_), all);
    };
    const auto uncached = run_with("1", "0");
    const int64_t computed = computed_;
    EXPECT_EQ(bytes_, 0);
    for (const char* workers : {"1", "4"}) {
      EXPECT_EQ(run_with(workers, "1000000000"), uncached);
      EXPECT_LT(computed_, computed / 2);
      EXPECT_GT(bytes_, 0);
    }
    return uncached.size() / 3;
  }

 private:
  TempDir temp_;
  int64_t computed_ = 0, bytes_ = 0, runs_ = 0;
};

class EveryBackbone : public testing::TestWithParam<std::string> {};

TEST_P(EveryBackbone, CachedCellsAreTheUncachedOnesByteForByteOnAnyNumberOfWorkers) {
  OtherSource source(
      small_model(GetParam()),
      std::max(kSide, Registry<model::Backbone>::create(GetParam())->smallest_input()));
  int64_t parameters = 0;
  for (const auto& [name, weight] : source.backbone().weights) parameters += weight.numel();
  if (parameters > kMostParameters) return;  // the code of a smaller sibling
  EXPECT_EQ(source.expect_cached_is_uncached({"transfer.seeds=1"}),
            1 + source.backbone().stages.size());
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryBackbone,
                         testing::ValuesIn(Registry<model::Backbone>::names()));

const std::string kSmall = "model:\n  name: conv_bn\n  widths: [4, 6, 6]\n  pools: 1\n";
constexpr int64_t kCuts = 3, kTraining = 15, kTest = 12;

TEST(PrefixCache, CachedCellsOfEveryModeAndProbeAreTheUncachedOnes) {
  OtherSource source(kSmall);
  const auto modes = fmt::format("transfer.modes=[{}]", fmt::join(mode_names(), ", "));
  EXPECT_GT(source.expect_cached_is_uncached({modes, "transfer.seeds=1"}), mode_names().size());
}

TEST(PrefixCache, CachedCellsOfEveryHeadAndThoseThatTuneAreTheUncachedOnes) {
  OtherSource source(kSmall);
  const auto names = Registry<Head>::names();
  const size_t cells =
      source.expect_cached_is_uncached({fmt::format("transfer.heads=[{}]", fmt::join(names, ", ")),
                                        "transfer.lr=[0.05, 0.1]", "transfer.seeds=1"});
  EXPECT_GT(cells, 2 * kCuts * names.size());
}

TEST(PrefixCache, ASweepComputesTheFeaturesOfASampleForACutOnce) {
  OtherSource source(kSmall);
  for (const char* workers : {"1", "4"}) {
    source.run(workers, {std::string("transfer.workers=") + workers, "transfer.seeds=5"});
    EXPECT_EQ(source.computed(), kCuts * (kTraining + kTest)) << workers;
  }
}

TEST(PrefixCache, ARunKeepsItsBitsWhereFeaturesLeaveTheMemoryThatTheyMayTake) {
  OtherSource source(kSmall);
  const auto unlimited = source.run("unlimited", {});
  const int64_t all = source.bytes();
  for (const int64_t part : {2, 5, 50}) {
    const auto limit = fmt::format("transfer.cache_bytes={}", all / part);
    EXPECT_EQ(source.run(std::to_string(part), {limit, "transfer.workers=1"}), unlimited);
    EXPECT_LE(source.bytes(), all / part);
    EXPECT_GT(source.bytes(), 0);
  }
}

TEST(PrefixCache, ViewsThatAreDrawnAreNotCachedAndImagesThatAreTestedOnAre) {
  OtherSource source(kSmall);
  const std::string flips = "augment.views=[flip(0.5)]";
  const auto uncached = source.run("uncached", {flips, "transfer.cache_bytes=0"});
  EXPECT_EQ(source.run("cached", {flips}), uncached);
  EXPECT_LE(source.computed(), kCuts * (kTraining + kTest));
  EXPECT_GE(source.computed(), kCuts * kTest);
  std::set<std::string> curves;
  for (const auto& files : {uncached, source.run("plain", {})})
    for (const auto& [path, text] : files)
      if (path.ends_with("curve.csv")) curves.insert(text);
  EXPECT_EQ(curves.size(), 2 * 2 * (1 + kCuts));
}

// One stage of 256 kB a sample: what it costs is up to the test.
class OneStage : public model::Backbone {
 public:
  explicit OneStage(std::function<void()> work) : work_(std::move(work)) {}
  void build(const image::ViewShape&, model::Norm) override {}
  std::vector<std::string> stages() const override { return {"stage"}; }
  std::vector<std::string> stage_modules(int64_t) const override { return {}; }

 protected:
  at::Tensor forward_stage(int64_t, const model::Features& x) override {
    work_();
    return x.values.narrow(1, 0, 1).expand({-1, 1024, -1, -1});
  }

 private:
  std::function<void()> work_;
};

struct Features {
  explicit Features(std::function<void()> work, int64_t most_bytes = 1'000'000'000)
      : cache(most_bytes), stage(std::move(work)), prefix(stage, 1, {}, {3, 8, 8}) {}
  at::Tensor of(const data::Selection& samples) {
    const FrozenFeatures features(cache, prefix, setting->test_set(nullptr).pass());
    return features.tensor(samples);
  }

  std::unique_ptr<Setting> setting = make_setting();
  PrefixCache cache;
  OneStage stage;
  FrozenPrefix prefix;
};

TEST(PrefixCache, ACutIsKeptWhereComputingItTakesLongerThanCopyingIt) {
  const data::Selection samples = data::all(20);
  Features cheap([] {}), dear([] { std::this_thread::sleep_for(std::chrono::milliseconds(2)); });
  EXPECT_TRUE(cheap.of(samples).equal(dear.of(samples)));
  EXPECT_EQ(cheap.cache.bytes(), 0);
  EXPECT_EQ(dear.cache.bytes(), 20 * 1024 * 64 * 4);
}

TEST(PrefixCache, AStageThatFailsIsTriedAgainByWhoeverNeedsIt) {
  bool fails = false;
  Features features([&] { check(!fails, Kind::kBug, "as the test wants"); });
  fails = true;
  EXPECT_THROW(features.of({1, 2}), Error);
  fails = false;
  EXPECT_EQ(features.of({1, 2}).size(0), 2);
}

TEST(PrefixCache, ASampleMayBeAskedForTwiceInABatch) {
  Features features([] {});
  const at::Tensor rows = features.of({3, 4, 3});
  EXPECT_TRUE(rows[0].equal(rows[2]));
  EXPECT_FALSE(rows[0].equal(rows[1]));
}

}  // namespace
}  // namespace espalier::transfer

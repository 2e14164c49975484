// What hooks measure, and what they warn of, on 1, 2 and 3 ranks.
#include "train/hook.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "comm/thread_comm.h"
#include "core/jsonl.h"
#include "support/packed_set.h"
#include "train/labelled_images.h"
#include "train/run_history.h"
#include "train_support.h"

namespace espalier::train {
namespace {

constexpr int64_t kPerClass = 50;  // 150 images: two whole blocks of features and a part

// Noise around the brightness of a class.
void write_shades(const std::filesystem::path& folder) {
  uint64_t seed = 0;
  for (const auto& [name, shade] : {std::pair{"cat", 40}, {"dog", 110}, {"fox", 180}}) {
    for (int64_t i = 0; i < kPerClass; ++i) {
      image::Image image = noise_image(seed++, 8, 8, 3);
      for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(shade + value / 4);
      write_bytes(folder / name / fmt::format("{:02d}.png", i), image::encode_png(image));
    }
  }
}

class Hooks : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    temp_ = std::make_unique<TempDir>();
    write_shades(*temp_ / "images");
    pack_images(*temp_ / "images", *temp_ / "packed");
  }
  static void TearDownTestSuite() { temp_.reset(); }

  static RunConfig config(const std::string& options = "", const std::string& task = "rotation") {
    return RunConfig::read(config::Document::parse(
        "data: {shards: packed, batch: 10}\n"
        "augment: {views: [\"padded_crop(size=8, padding=2) | flip(p=0.5)\"], mean: [0.5], std: "
        "[0.25]}\n"
        "model: {name: conv_bn, widths: [4, 6], norm: batch}\ntask: {name: " +
            task + "}\n" + options,
        "hooks.yaml"));
  }

  // Calls `look` on every rank with a checked hook and what it may see; rank 0's scalars.
  using Look = std::function<Scalars(Hook&, TrainingView&)>;
  static Scalars on_ranks(int ranks, const std::string& name, const RunConfig& config,
                          const Look& look) {
    const data::Dataset set = data::Dataset::open(*temp_ / "packed");
    const data::Selection all;
    const engine::RunFolder folder{*temp_ / "run"};
    Scalars measured;
    comm::run_ranks(ranks, [&](comm::Communicator& control) {
      torch::set_num_threads(1);
      engine::Network network = toy_network(config);
      RunHistory history(control.rank() == 0);
      TrainingView view{config, network, kToyFacts.input, set,    all, nullptr,
                        all,    control, c10::kCPU,       folder, 0,   history};
      const auto hook = Registry<Hook>::create(name);
      config.document.fill(name, hook->fields());
      hook->check(view);
      const Scalars own = look(*hook, view);
      if (control.rank() == 0) measured = own;
    });
    return measured;
  }
  static Scalars measured(int ranks, const std::string& name) {
    return on_ranks(ranks, name, config(),
                    [](Hook& hook, TrainingView& view) { return hook.measure(view); });
  }

  static double value(const Scalars& scalars, const std::string& name) {
    for (const auto& [own, value] : scalars)
      if (own == name) return value;
    return std::nan("");
  }

  // All images alike, whatever they show.
  static void collapse(engine::Network& network) {
    const torch::NoGradGuard no_graph;
    for (torch::Tensor& weight : network.backbone->parameters())
      weight.fill_(weight.dim() == 1 ? 1 : 0);
  }

  static inline std::unique_ptr<TempDir> temp_;
};

TEST_F(Hooks, MeasureTheSameBitsOnAnyNumberOfRanks) {
  for (const std::string name : {"knn", "probe", "health"}) {
    SCOPED_TRACE(name);
    const Scalars alone = measured(1, name);
    EXPECT_FALSE(alone.empty());
    for (const auto& scalar : alone) EXPECT_TRUE(std::isfinite(scalar.second)) << scalar.first;
    EXPECT_EQ(measured(2, name), alone);
    EXPECT_EQ(measured(3, name), alone);
  }
}

TEST_F(Hooks, LeaveNoTraceInTheNetwork) {
  for (const std::string name : {"knn", "probe", "health", "sheets"}) {
    on_ranks(1, name, config(), [](Hook& hook, TrainingView& view) {
      const auto bits = [&] {
        return tensor::to_safetensors(engine::state_of(*view.network.backbone));
      };
      const std::string before = bits();
      const Scalars scalars = hook.measure(view);
      EXPECT_EQ(bits(), before);
      EXPECT_TRUE(view.network.backbone->is_training());
      EXPECT_EQ(hook.measure(view), scalars);
      return scalars;
    });
  }
}

TEST_F(Hooks, ProbeTellsShadesApartAndItsIntervalHoldsTheAccuracy) {
  const Scalars scalars = measured(2, "probe");
  EXPECT_GT(value(scalars, "probe_accuracy"), 0.95);
  EXPECT_LE(value(scalars, "probe_accuracy"), value(scalars, "probe_accuracy_high"));
  EXPECT_GT(value(scalars, "probe_accuracy"), value(scalars, "probe_accuracy_low"));
}

TEST_F(Hooks, ACollapseIsSaidOnceAndByRankZeroAlone) {
  for (const int ranks : {1, 3}) {
    on_ranks(ranks, "health", config(), [](Hook& hook, TrainingView& view) {
      view.history.begin(hook.measure(view));
      EXPECT_TRUE(view.history.take_warnings().empty());  // not of the start
      view.step = 1;
      collapse(view.network);
      const Scalars scalars = hook.measure(view);
      EXPECT_NEAR(value(scalars, "health_feature_std"), 0, 1e-6);
      EXPECT_NEAR(value(scalars, "health_rank_me"), 1, 1e-3);
      const Scalars said = view.history.take_warnings();
      if (view.control.rank() == 0)
        EXPECT_EQ(value(said, "warning_collapse"), 1);
      else
        EXPECT_TRUE(said.empty());
      hook.measure(view);
      EXPECT_TRUE(view.history.take_warnings().empty());
      return scalars;
    });
  }
}

TEST_F(Hooks, AHealthyNetworkIsNotWarnedOf) {
  on_ranks(2, "health", config(), [](Hook& hook, TrainingView& view) {
    view.history.begin(hook.measure(view));
    view.step = 1;
    const Scalars scalars = hook.measure(view);
    EXPECT_TRUE(view.history.take_warnings().empty());
    return scalars;
  });
}

TEST_F(Hooks, AnAccuracyThatFallsBelowTheStartIsSaid) {
  for (const std::string name : {"knn", "probe"}) {
    on_ranks(2, name, config(), [&](Hook& hook, TrainingView& view) {
      view.history.begin(hook.measure(view));
      view.step = 1;
      hook.measure(view);
      EXPECT_TRUE(view.history.take_warnings().empty());
      collapse(view.network);
      const Scalars scalars = hook.measure(view);
      const Scalars said = view.history.take_warnings();
      if (view.control.rank() == 0)
        EXPECT_EQ(value(said, "warning_" + name + "_accuracy_below_start"), 1);
      return scalars;
    });
  }
}

TEST_F(Hooks, ASheetIsTheSamePictureOnAnyNumberOfRanksAndComesWhenItIsDue) {
  const auto png = [&](int ranks) {
    on_ranks(ranks, "sheets",
             config("train: {epochs: 4}\n"
                    "sheets: {every: 2, neighbours: 3, queries: 2, maps: 4}\n"),
             [](Hook& hook, TrainingView& view) {
               for (const int64_t step : {0, 15, 30}) {  // epochs of 15 steps
                 view.step = step;
                 hook.measure(view);
               }
               return Scalars();
             });
    const engine::RunFolder folder{*temp_ / "run"};
    EXPECT_FALSE(std::filesystem::exists(folder.sheet(15)));
    EXPECT_TRUE(std::filesystem::exists(folder.sheet(30)));
    return read_bytes(folder.sheet(0));
  };
  const std::vector<uint8_t> alone = png(1);
  const image::Image sheet = image::decode(alone).image;
  EXPECT_EQ(sheet.channels, 3);
  EXPECT_GT(sheet.width, 4 * 96);  // a query and its three neighbours
  EXPECT_EQ(png(2), alone);
  EXPECT_EQ(png(3), alone);
}

TEST_F(Hooks, ASheetOfATaskThatPredictsPixelsHasThreeRowsMore) {
  const auto height = [&](const std::string& task, int64_t maps) {
    const std::string options =
        fmt::format("sheets: {{neighbours: 3, queries: 2, maps: {}}}\n", maps);
    on_ranks(2, "sheets", config(options, task),
             [](Hook& hook, TrainingView& view) { return hook.measure(view); });
    const engine::RunFolder folder{*temp_ / "run"};
    return image::decode(read_bytes(folder.sheet(0))).image.height;
  };
  const int64_t row = height("rotation", 2) - height("rotation", 0);  // two pictures for a map
  EXPECT_GT(row, 96);
  EXPECT_EQ(height("inpaint", 2), height("rotation", 2) + 3 * row);  // not side by side with maps
}

TEST(RunHistory, OfARunThatGoesOnIsInItsMetrics) {
  const TempDir temp;
  const std::filesystem::path path = temp / "metrics.jsonl";
  {
    JsonlWriter metrics(path);
    metrics.write({{"step", 0}, {"knn_accuracy", 0.25}, {"health_lidar", nullptr}});
    metrics.write({{"step", 5}, {"knn_accuracy", 0.5}, {"warning_collapse", 1}});
  }
  RunHistory history(/*leader=*/true);
  history.recall(path);
  EXPECT_EQ(history.at_start("knn_accuracy"), 0.25);
  EXPECT_EQ(history.at_start("health_lidar"), std::nullopt);
  EXPECT_EQ(history.at_start("probe_accuracy"), std::nullopt);
  history.warn("collapse", "again");
  history.warn("first_loss", "never said");
  const Scalars said = history.take_warnings();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].first, "warning_first_loss");
}

}  // namespace
}  // namespace espalier::train

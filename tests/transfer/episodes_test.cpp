#include "transfer/episodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

#include "core/random.h"
#include "statistics/student.h"
#include "support/error_of.h"
#include "transfer/probe.h"

namespace espalier::transfer {
namespace {

using ::testing::HasSubstr;

// `classes` clusters of 40 rows whose centres lie `apart` standard deviations from each other.
struct Clusters {
  at::Tensor features;
  std::vector<int64_t> labels;

  Clusters(int64_t classes, double apart) {
    const at::Generator generator = at::detail::createCPUGenerator(11);
    const at::Tensor centres = apart * torch::randn({classes, 16}, generator);
    for (int64_t c = 0; c < classes; ++c) labels.insert(labels.end(), 40, c);
    features = centres.repeat_interleave(40, 0) + torch::randn({40 * classes, 16}, generator);
  }
};

TEST(Episodes, DrawEveryRowOnceAndOfTheClassItStandsFor) {
  const Clusters data(9, 1);
  const EpisodeOptions options{.ways = 4, .shots = 3, .queries = 5, .episodes = 50};
  for (const Episode& episode : draw_episodes(data.labels, options)) {
    ASSERT_EQ(episode.support.size(), 12u);
    ASSERT_EQ(episode.queries.size(), 20u);
    std::set<int64_t> rows(episode.support.begin(), episode.support.end());
    rows.insert(episode.queries.begin(), episode.queries.end());
    EXPECT_EQ(rows.size(), 32u);
    std::set<int64_t> classes;
    for (int64_t way = 0; way < 4; ++way) {
      const int64_t label = data.labels[episode.support[way * 3]];
      classes.insert(label);
      for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(data.labels[episode.support[way * 3 + i]], label);
      for (int64_t i = 0; i < 5; ++i) EXPECT_EQ(data.labels[episode.queries[way * 5 + i]], label);
    }
    EXPECT_EQ(classes.size(), 4u);
  }
}

TEST(Episodes, AnEpisodeDoesNotDependOnHowManyThereAre) {
  const Clusters data(6, 1);
  const auto few = draw_episodes(data.labels, {.episodes = 3});
  const auto many = draw_episodes(data.labels, {.episodes = 10});
  for (size_t e = 0; e < few.size(); ++e) {
    EXPECT_EQ(few[e].support, many[e].support);
    EXPECT_EQ(few[e].queries, many[e].queries);
  }
}

TEST(Episodes, EveryProbeIsAtChanceOnNoiseAndRightOnClustersFarApart) {
  const EpisodeOptions options{.ways = 5, .shots = 5, .episodes = 60};
  const Clusters noise(10, 0), apart(10, 6);
  for (const std::string& probe : Registry<Probe>::names()) {
    const statistics::Interval chance =
        statistics::t_interval(episode_accuracies(noise.features, noise.labels, probe, options));
    EXPECT_NEAR(chance.mean, 0.2, 0.03) << probe;
    const statistics::Interval right =
        statistics::t_interval(episode_accuracies(apart.features, apart.labels, probe, options));
    EXPECT_GT(right.mean, 0.98) << probe;
  }
}

TEST(Episodes, SetsThatAreTooSmallAreRefused) {
  const Clusters data(4, 1);
  EXPECT_THAT(error_of(Kind::kUsage, [&] { draw_episodes(data.labels, {.ways = 5}); }),
              HasSubstr("only 4 classes"));
  EXPECT_THAT(error_of(Kind::kUsage, [&] { draw_episodes(data.labels, {.ways = 2, .shots = 30}); }),
              HasSubstr("only 0 classes"));
}

}  // namespace
}  // namespace espalier::transfer

#include "statistics/bootstrap.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/random.h"

namespace espalier::statistics {
namespace {

TEST(Bootstrap, DrawsSeedsOfOneBackboneAndWholeBackbonesOfSeveral) {
  BySeed one, two;
  for (int64_t seed = 0; seed < 4; ++seed) {
    one[seed] = {0, 0};
    two[seed] = {0, seed / 2};
  }
  int64_t mixed = 0;
  (void)bootstrap(one, [&](const Seeds& seeds) {
    EXPECT_EQ(seeds.size(), 4u);
    mixed += seeds[0] / 2 != seeds[1] / 2;
    return 0.0;
  });
  EXPECT_GT(mixed, 500);
  (void)bootstrap(two, [&](const Seeds& seeds) {
    EXPECT_EQ(seeds[1], seeds[0] + 1);
    EXPECT_EQ(seeds[3], seeds[2] + 1);
    return 0.0;
  });
}

TEST(Bootstrap, IsTheSameEachTime) {
  const BySeed values = {{0, {1}}, {1, {2}}, {2, {5}}};
  const auto first = [](const Seeds& seeds) { return static_cast<double>(seeds[0]); };
  EXPECT_EQ(bootstrap(values, first), bootstrap(values, first));
}

TEST(Bootstrap, EndsIgnoreWhatIsNotANumber) {
  const Ends ends = percentile_ends({NAN, 1, NAN, 1});
  EXPECT_EQ(ends.low, 1);
  EXPECT_EQ(ends.high, 1);
  EXPECT_THAT(percentile_ends({NAN}).low, testing::IsNan());
}

// Two networks, right by chance of their seed and of the image.
std::vector<Pair> pairs(uint64_t sample, int64_t seeds, size_t images, double by_seed,
                        double by_image) {
  Draw draw(1, "pairs", {sample});
  std::vector<double> image(images);
  for (double& effect : image) effect = by_image * draw.normal();
  std::vector<Pair> all;
  for (int64_t seed = 0; seed < seeds; ++seed) {
    Pair pair{Value::kNoCluster, Hits(images), Hits(images)};
    const double effect = by_seed * draw.normal();
    for (size_t i = 0; i < images; ++i) {
      pair.first[i] = draw.normal() + effect + image[i] > 0;
      pair.second[i] = draw.normal() > 0;
    }
    all.push_back(std::move(pair));
  }
  return all;
}

// Over 300 samples; 95 % less three standard deviations is 91 %.
TEST(Bootstrap, SeedsAndImagesTogetherCoverTheTruth) {
  int64_t covered = 0, of_seeds = 0;
  for (uint64_t sample = 0; sample < 300; ++sample) {
    const auto all = pairs(sample, 9, 200, 0.1, 0.7);
    const Ends ends = two_way_bootstrap(all, 400);
    covered += ends.low <= 0 && 0 <= ends.high;
    BySeed by_seed;
    for (const Pair& pair : all)
      by_seed[static_cast<int64_t>(by_seed.size())] = {
          static_cast<double>(std::ranges::count(pair.first, true) -
                              std::ranges::count(pair.second, true)) /
          200};
    const Interval interval = estimate(by_seed).interval;
    of_seeds += std::abs(interval.mean) <= interval.half_width;
  }
  EXPECT_GE(covered, 273);
  EXPECT_LT(of_seeds, 273) << "an interval over seeds alone would do";
}

}  // namespace
}  // namespace espalier::statistics

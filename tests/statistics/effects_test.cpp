#include "statistics/effects.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/random.h"

namespace espalier::statistics {
namespace {

using testing::IsNan;

void add(std::vector<Cell>& cells, const Line& line, int64_t cut, int64_t labels, double accuracy) {
  for (int64_t seed = 0; seed < 5; ++seed)
    cells.push_back({.source = line.source,
                     .mode = line.mode,
                     .status = "done",
                     .factor = line.factor,
                     .cut = cut,
                     .labels_per_class = labels,
                     .seed = seed,
                     .accuracy = accuracy + 0.001 * Draw(1, line.mode,
                                                         {static_cast<uint64_t>(seed),
                                                          static_cast<uint64_t>(labels)})
                                                        .normal(),
                     .control = line.control});
}

const Line kScratch{"", "scratch"}, kTuned{kOurs, "tuned", "", 0.1};

TEST(Effects, HaveTheirNamesAndTheirArms) {
  std::vector<Cell> cells;
  add(cells, kScratch, 0, 10, 0.5);
  add(cells, {kOurs, "frozen"}, 2, 10, 0.55);
  add(cells, kTuned, 2, 10, 0.6);
  add(cells, {kOurs, "tuned", "", 1}, 2, 10, 0.61);
  add(cells, {"public", "frozen"}, 2, 10, 0.2);
  add(cells, {kOurs, "mean_var", "", 0.1, true}, 2, 10, 0.52);
  add(cells, {"", "selffer_frozen", "", 0, true}, 2, 10, 0.45);
  std::map<std::string, double> found;
  for (const Effect& effect : effects(cells, summarize(cells)))
    if (effect.line.source == kOurs || effect.name == "dip")
      found[effect.name + (effect.line.factor == 1 ? " at 1" : "")] =
          effect.difference.interval.mean;
  using testing::DoubleNear;
  using testing::Pair;
  EXPECT_THAT(found, testing::UnorderedElementsAre(Pair("boost", DoubleNear(0.1, 0.003)),
                                                   Pair("boost at 1", DoubleNear(0.11, 0.003)),
                                                   Pair("recovery", DoubleNear(0.05, 0.003)),
                                                   Pair("recovery at 1", DoubleNear(0.06, 0.003)),
                                                   Pair("reuse", DoubleNear(0.08, 0.003)),
                                                   Pair("dip", DoubleNear(-0.05, 0.003)),
                                                   Pair("specificity", DoubleNear(-0.1, 0.003))));
}

TEST(Effects, LabelsAreReadOffInTheirLogarithm) {
  const std::vector<AtLabels> curve = {{10, 0.4}, {100, 0.6}, {1000, 0.7}};
  EXPECT_NEAR(labels_for(curve, 0.5), std::sqrt(1000.0), 1e-9);
  EXPECT_NEAR(labels_for(curve, 0.6), 100, 1e-9);
  EXPECT_THAT(labels_for(curve, 0.3), IsNan());
  EXPECT_THAT(labels_for(curve, 0.8), IsNan());
}

TEST(Effects, ScratchOvertakesAtTheCrossover) {
  std::vector<Cell> cells;
  for (const auto& [labels, scratch, tuned] :
       {std::tuple(10, 0.4, 0.5), std::tuple(100, 0.6, 0.6), std::tuple(1000, 0.8, 0.7)}) {
    add(cells, kScratch, 0, labels, scratch);
    add(cells, kTuned, 1, labels, tuned);
  }
  const Crossover found = crossover(cells, kTuned, 1);
  EXPECT_NEAR(found.labels, 100, 5);
  EXPECT_LE(found.ends.low, found.labels);
  EXPECT_GE(found.ends.high, found.labels);
  EXPECT_NEAR(labels_of_scratch(cells, kTuned, 1, 10), std::sqrt(1000.0), 1);
  EXPECT_THAT(labels_of_scratch(cells, kTuned, 1, 1000), testing::DoubleNear(316, 10));
  EXPECT_THAT(crossover(cells, {kOurs, "frozen"}, 1).labels, IsNan());
}

}  // namespace
}  // namespace espalier::statistics

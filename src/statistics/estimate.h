// A mean over seeds, how far it can be trusted, and for what.
//
//   const BySeed gain = minus(tuned, scratch);          // seed by seed
//   const Estimate here = estimate(gain);               // of these backbones
//   const Estimate elsewhere = estimate_of_another(gain);
//   p_above(elsewhere, 0) <= 0.05                       // clear, one-sided
//
// Subset, order, fresh weights and random controls change with every seed; the backbone changes
// with every seeds_per_backbone of them. Seeds of one backbone form a cluster. With several
// clusters the unit of every interval and test is the mean of a cluster, and what is estimated is
// pretraining in general. With one cluster the unit is the seed, and an interval holds for this one
// backbone. Pure functions.
#pragma once

#include <map>
#include <vector>

#include "statistics/student.h"

namespace espalier::statistics {

struct Value {
  static constexpr int64_t kNoCluster = -1;  // the seed shares its weights with no other
  double value = 0;
  int64_t cluster = kNoCluster;
};
using BySeed = std::map<int64_t, Value>;

// a - b over the seeds that both have.
BySeed minus(const BySeed& a, const BySeed& b);

// The mean of those that are not empty, over the seeds that all of them have.
BySeed mean_of(const std::vector<BySeed>& all);

// What varies independently, by its number: the means of clusters where there are several, else the
// values of seeds.
std::map<int64_t, double> units(const BySeed& values);
std::vector<double> unit_values(const BySeed& values);

struct Estimate {
  Interval interval{kUnknown, kUnknown, 0};  // mean, 95 %; n counts seeds
  double p = kUnknown;                       // that the mean is 0, two-sided
  double error = kUnknown, degrees = 0;      // of Student's t
  int64_t clusters = 0;                      // backbones; 0 where no two seeds share weights
};

// Student's t over units.
[[nodiscard]] Estimate estimate(const BySeed& values);

// As estimate(), but for the value of another backbone of the same kind where there is one cluster:
// the error is s sqrt(1 + 1 / S) over its S seeds, of a new draw and not of a mean. Each seed draws
// its random control anew, so s holds how much untrained backbones differ; a backbone that
// pretraining did not change is one more draw, and is called different in at most 5 of 100 cases.
[[nodiscard]] Estimate estimate_of_another(const BySeed& values);

// p of the hypothesis that the mean is at most (p_above) or at least (p_below) `bound`: small where
// it lies clearly above or below.
double p_above(const Estimate& estimate, double bound);
double p_below(const Estimate& estimate, double bound);

// p of the hypothesis that the mean is not within `margin` of 0: two one-sided tests (Schuirmann
// 1987).
double equivalence_p(const Estimate& estimate, double margin);

}  // namespace espalier::statistics

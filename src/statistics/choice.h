// Which cut to take, said with the care that a choice by the test set needs. Pure functions.
#pragma once

#include <vector>

#include "statistics/bootstrap.h"
#include "statistics/cells.h"

namespace espalier::statistics {

// One choice among arms of which `accuracies` holds the values; `best` counts from 0.
struct Selection {
  size_t best = 0;            // highest mean
  std::vector<bool> as_good;  // not shown to be below the best
  double gain = kUnknown;     // of the chosen arm over the reference, free of selection bias
  Ends ends;                  // its interval, right for an arm that was chosen
};

// An arm is not as good where the paired difference to the best is clear, one-sided at 5 % divided
// by the number of other arms (Bonferroni): so the truly best one is among `as_good` in 95 of 100
// sweeps.
//
// The gain: each seed (or backbone, where there are several) is left out in turn, the arm is chosen
// by the others, and the gain is the mean of what the chosen arms have at the seed left out. Student's
// interval of those values is too narrow, since the choices depend on each other: with 10 equal arms
// and 9 seeds it covers the truth in 86 of 100 cases. So, at `level`:
//   of up to 5 seeds or backbones its error is s sqrt(1 / n + 1 / (n - 1)) instead of s sqrt(1 / n)
//   (Nadeau and Bengio 2003, with one of n left out);
//   of more, and of one arm alone, the ends are those of the chosen arm: the upper one Student's at
//   level / 2, the lower one at level / 2 divided by the number of arms that are as good, any of which
//   could have been chosen.
// tests/statistics/choice_test.cpp measures the coverage of both.
[[nodiscard]] Selection select(const std::vector<BySeed>& accuracies, const BySeed& reference,
                               double level = kLevel);

// How often each arm is the best in 2,000 bootstrap resamples.
[[nodiscard]] std::vector<double> frequencies(const std::vector<BySeed>& accuracies);

struct Choice {
  struct Candidate {
    Row row;
    bool as_good;
    double frequency;
  };
  std::vector<Candidate> candidates;  // none: no arm has two seeds
  size_t best = 0;
  size_t smallest = 0;     // of those as good, the one with the fewest stages kept
  double gain = kUnknown;  // over scratch
  Ends ends;

  const Row& best_row() const { return candidates[best].row; }
  const Row& smallest_row() const { return candidates[smallest].row; }
  int64_t as_good() const;
};

// Among the rows that best_row() chooses from. The ends are of level 5 % divided by the number of
// label budgets of the sweep, so that all of its gains are right together in 95 of 100 sweeps.
[[nodiscard]] Choice choose(const std::vector<Cell>& cells, const std::vector<Row>& rows,
                            int64_t labels_per_class);

}  // namespace espalier::statistics

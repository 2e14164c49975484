// Differences between two arms that have names of their own, and what labels are worth. Pure
// functions.
#pragma once

#include <string>
#include <vector>

#include "statistics/bootstrap.h"
#include "statistics/cells.h"

namespace espalier::statistics {

// boost       tuned - scratch                  what the kept weights give when all may move
// recovery    tuned - frozen                   what moving them gives
// reuse       tuned - mean_var                 beyond the mean and variance of each tensor
// dip         selffer_frozen - scratch         co-adaptation lost at the cut, on the same labels
// specificity selffer_frozen - frozen          what kept stages lack because of another task
// Of equal cut, labels, head and, where both train kept stages, factor (Yosinski et al. 2014; reuse:
// Zhang et al. 2019).
struct Effect {
  std::string name;  // "boost", ...
  Line line;         // the one of the two whose source is under test; selffer_frozen for dip
  int64_t labels_per_class = 0, cut = 0;
  Estimate difference;
  double holm_p = kUnknown;  // over all effects of the sweep
};

// Of every source; those whose two arms have a seed in common.
[[nodiscard]] std::vector<Effect> effects(const std::vector<Cell>& cells,
                                          const std::vector<Row>& rows);

// A value at a number of labels per class; labels ascend, and all (0) is not among them, since how
// many that are differs by class.
struct AtLabels {
  double labels, value;
};

// The labels at which a curve, linear in the logarithm of labels between its points, first reaches
// `value`; NaN where it does not within its points, or begins above.
[[nodiscard]] double labels_for(const std::vector<AtLabels>& curve, double value);

// The labels up to which an arm is above scratch: where the difference falls to 0 for the first time.
struct Crossover {
  double labels = kUnknown;  // NaN where it does not cross
  Ends ends;                 // bootstrap over seeds; NaN where 1 in 40 does not cross
};
[[nodiscard]] Crossover crossover(const std::vector<Cell>& cells, const Line& line, int64_t cut);

// How many labels scratch needs for what the arm reaches at `labels_per_class`; NaN where no budget
// of the sweep is enough.
[[nodiscard]] double labels_of_scratch(const std::vector<Cell>& cells, const Line& line,
                                       int64_t cut, int64_t labels_per_class);

}  // namespace espalier::statistics

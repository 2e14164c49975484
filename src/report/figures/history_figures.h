// Loss and accuracy of one run, training and validation beside each other, as the history plot of
// the Keras tutorials has them.
//
//   html += figure_grid(history_figures(read_history("runs/rotation").scalars));
#pragma once

#include <vector>

#include "report/html.h"
#include "report/run.h"

namespace espalier::report {

// A figure of what is called "...loss", one of "...accuracy"; none where there is no such scalar.
std::vector<Figure> history_figures(const std::vector<Scalar>& scalars);

}  // namespace espalier::report

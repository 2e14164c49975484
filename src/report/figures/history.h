// Loss and accuracy of one run, training and validation beside each other, as the history plot of
// the Keras tutorials has them.
//
//   html += figure_grid(history_figures(read_curve(cell / "curve.csv")));
//   html += figure_grid(history_figures(pretrain_run.scalars));
#pragma once

#include <filesystem>
#include <vector>

#include "report/html.h"
#include "report/run.h"

namespace espalier::report {

// A figure of what is called "...loss", one of "...accuracy"; none where there is no such scalar.
std::vector<Figure> history_figures(const std::vector<Scalar>& scalars);

// curve.csv of a cell: a line of names, of which the first is the step; a value may be missing.
// What is damaged is left out; no file gives nothing.
std::vector<Scalar> read_curve(const std::filesystem::path& csv);

}  // namespace espalier::report

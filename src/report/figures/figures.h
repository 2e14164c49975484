// The figures of a sweep, one file each. A list is empty where the sweep has nothing to show.
#pragma once

#include <vector>

#include "report/figures/look.h"
#include "report/html.h"
#include "report/tables.h"

namespace espalier::report {

// Every run over the cut, and the mean differences to scratch below, after Figure 2 of Yosinski et
// al. 2014: a figure for each source and head. The effects that have a name are marked. All figures
// of a page have one scale of differences, `gains`.
using Range = std::vector<double>;  // from, to
Range gain_range(const std::vector<TransferRun>& all);
std::vector<Figure> cut_figures(const Look& look, int64_t budget, const Range& gains);

// Accuracy over the labels per class: scratch, the best cut, and the arm that validation chose.
std::vector<Figure> label_figures(const Look& look);

// The difference to scratch of every arm, as a heat table for each budget.
std::vector<Figure> gain_maps(const Look& look);

// Accuracy over the rate of the kept stages, where the sweep has several.
std::vector<Figure> factor_figures(const Look& look);

// Loss and validation accuracy while cells are trained: the best arm, the last cut, scratch.
std::vector<Figure> curve_figures(const Look& look);

// What the best arm takes for what, and how well it knows each class.
std::vector<Figure> class_figures(const Look& look);

// Several sweeps beside each other: the best of each, and their differences over the cut.
Table sweeps_table(const std::vector<TransferRun>& all);
std::vector<Figure> sweep_figures(const std::vector<TransferRun>& all);

// Time by mode, with tuning and base networks.
std::vector<Figure> cost_figures(const Look& look);

// What each arm could be trained with, and what it was.
Table settings_table(const Look& look);

// The rows of some lines, in the order of the sweep; a best one is strong.
Table rows_table(const Look& look, const std::vector<const Row*>& rows);

}  // namespace espalier::report

// How a scalar that was logged over steps becomes a line: raw and smoothed, or with markers where
// there are few values.
#pragma once

#include <string>
#include <vector>

#include "report/drawing/chart.h"
#include "report/run.h"

namespace espalier::report {

// At most 800 points a line, with every extreme among them. `low` and `high`: the ends of an
// interval that was logged at the same steps, drawn where the values are few.
std::vector<Series> curve_series(const std::string& name, int slot, const Scalar& scalar,
                                 const Scalar* low = nullptr, const Scalar* high = nullptr);

// What such lines show of themselves, and of nothing else: "Faint: every logged value. ...".
std::string curves_text(const std::vector<Series>& series);

}  // namespace espalier::report

// A number that goes from one value to another in the course of a run: the momentum of a teacher, a
// temperature.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pretext/task.h"

namespace espalier::pretext {

enum class Curve { kCosine, kLinear };

// `from` at step 0, `to` once `share` of the run's steps are done, and from then on. The cosine is
// that of BYOL (Grill et al. 2020, section 3.3).
struct Course {
  double from = 0, to = 0;
  Curve curve = Curve::kCosine;
  double share = 1;

  double at(const Step& step) const {
    const double steps = share * static_cast<double>(step.total);
    const double done = steps > 0 ? std::min(1.0, static_cast<double>(step.number) / steps) : 1;
    const double left =
        curve == Curve::kCosine ? (1 + std::cos(std::numbers::pi * done)) / 2 : 1 - done;
    return to + (from - to) * left;
  }
};

}  // namespace espalier::pretext

#include "layers/measure.h"

#include <limits>

namespace espalier::layers {

Share plain(double value) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  return {value, kUnknown, kUnknown};
}

}  // namespace espalier::layers

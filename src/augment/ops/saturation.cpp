#include "augment/by_factor.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

class Saturation : public ByFactor {
 public:
  Saturation()
      : ByFactor("saturation", "factor of the blend: 0 = grey, 1 = unchanged",
                 image::adjust_saturation) {}
};

ESPALIER_REGISTER(Op, Saturation, "saturation", "blends with the grey image by a given factor");

}  // namespace
}  // namespace espalier::augment

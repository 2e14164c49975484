#include "augment/by_factor.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

class Brightness : public ByFactor {
 public:
  Brightness()
      : ByFactor("brightness", "factor of the blend: 0 = black, 1 = unchanged",
                 image::adjust_brightness) {}
};

ESPALIER_REGISTER(Op, Brightness, "brightness", "blends with black by a given factor");

}  // namespace
}  // namespace espalier::augment

#include "augment/by_factor.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

class Brightness : public ByFactor {
 public:
  Brightness() : ByFactor("brightness", "0 = black, 1 = as it is", image::adjust_brightness) {}
};

ESPALIER_REGISTER(Op, Brightness, "brightness", "blends with black by a given factor");

}  // namespace
}  // namespace espalier::augment

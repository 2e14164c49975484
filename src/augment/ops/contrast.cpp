#include "augment/by_factor.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

class Contrast : public ByFactor {
 public:
  Contrast()
      : ByFactor("contrast", "factor of the blend: 0 = the mean grey, 1 = unchanged",
                 image::adjust_contrast) {}
};

ESPALIER_REGISTER(Op, Contrast, "contrast", "blends with the mean grey by a given factor");

}  // namespace
}  // namespace espalier::augment

#include "augment/sometimes.h"
#include "image/tone.h"

namespace espalier::augment {
namespace {

class Equalize : public Sometimes {
 public:
  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::equalize(from, to);
  }
  std::string spelled(const Parameters&) const override { return "equalize"; }
};

ESPALIER_REGISTER(Op, Equalize, "equalize",
                  "spreads the values of each channel evenly, as Pillow's ImageOps.equalize");

}  // namespace
}  // namespace espalier::augment

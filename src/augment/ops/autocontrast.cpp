#include "augment/sometimes.h"
#include "image/tone.h"

namespace espalier::augment {
namespace {

class Autocontrast : public Sometimes {
 public:
  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::autocontrast(from, to);
  }
  std::string spelled(const Parameters&) const override { return "autocontrast"; }
};

ESPALIER_REGISTER(Op, Autocontrast, "autocontrast",
                  "stretches each channel to 0 and 255, as Pillow's ImageOps.autocontrast");

}  // namespace
}  // namespace espalier::augment

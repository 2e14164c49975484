#include "augment/sometimes.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

class Flip : public Sometimes {
 public:
  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::flip(from, to);
  }
  std::string spelled(const Parameters&) const override { return "flip"; }
};

ESPALIER_REGISTER(Op, Flip, "flip", "mirrors left and right");

}  // namespace
}  // namespace espalier::augment

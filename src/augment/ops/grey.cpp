#include "augment/sometimes.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

// The number of channels stays, as in torchvision's RandomGrayscale.
class Grey : public Sometimes {
 public:
  std::vector<int64_t> channels() const override { return {1, 3}; }
  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::take_colours_out(from, to);
  }
  std::string spelled(const Parameters&) const override { return "grey"; }
};

ESPALIER_REGISTER(Op, Grey, "grey", "makes the image grey and keeps its number of channels");

}  // namespace
}  // namespace espalier::augment

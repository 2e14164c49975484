// A share of the patches of a regular grid, filled with one value; which ones is drawn evenly (He
// et al. 2022, section 3). Patches at the right and lower edge may be smaller.
#include <cmath>
#include <numeric>

#include "augment/erases.h"
#include "augment/fields.h"

namespace espalier::augment {
namespace {

class PatchMask : public Erases {
 public:
  bool draw(Draw& draw, image::ViewShape in, Parameters& boxes) const override {
    thread_local std::vector<int64_t> order;
    const int64_t columns = (in.width + patch_ - 1) / patch_;
    order.resize(static_cast<size_t>(columns * ((in.height + patch_ - 1) / patch_)));
    std::iota(order.begin(), order.end(), 0);
    draw.shuffle(order);
    order.resize(static_cast<size_t>(std::lround(share_ * static_cast<double>(order.size()))));
    for (const int64_t patch : order) {
      const int64_t top = patch / columns * patch_, left = patch % columns * patch_;
      add({top, left, std::min(patch_, in.height - top), std::min(patch_, in.width - left)}, boxes);
    }
    return !boxes.empty();
  }

 private:
  Fields options() override {
    return {
        length_field("patch", patch_, "side of a patch"),
        {"share", &share_, {.min = 0, .max = 1, .help = "share of the patches that is hidden"}}};
  }

  int64_t patch_ = 16;
  double share_ = 0.75;
};

ESPALIER_REGISTER(Op, PatchMask, "patch_mask", "hides a share of the patches of a grid");

}  // namespace
}  // namespace espalier::augment

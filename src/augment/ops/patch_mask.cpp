// A share of the patches of a regular grid, filled with one value; which ones is drawn evenly (He
// et al. 2022, section 3). Patches at the right and lower edge may be smaller.
#include <cmath>
#include <numeric>

#include "augment/box.h"
#include "augment/op.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

class PatchMask : public Op {
 public:
  Fields fields() override {
    return {{"patch", &patch_, {.min = 1, .unit = "px", .help = "side of a patch"}},
            {"share", &share_, {.min = 0, .max = 1, .help = "of the patches that is hidden"}},
            value_field(value_)};
  }

  // Top, left, height and width of every hidden patch.
  bool draw(Draw& draw, image::ViewShape in, Parameters& boxes) const override {
    thread_local std::vector<int64_t> order;
    const int64_t columns = (in.width + patch_ - 1) / patch_;
    order.resize(static_cast<size_t>(columns * ((in.height + patch_ - 1) / patch_)));
    std::iota(order.begin(), order.end(), 0);
    draw.shuffle(order);
    order.resize(static_cast<size_t>(std::lround(share_ * static_cast<double>(order.size()))));
    for (const int64_t patch : order) {
      const int64_t top = patch / columns * patch_, left = patch % columns * patch_;
      for (const int64_t number :
           {top, left, std::min(patch_, in.height - top), std::min(patch_, in.width - left)}) {
        boxes.push_back(static_cast<double>(number));
      }
    }
    return !boxes.empty();
  }

  void apply(const image::Pixels& from, const Parameters& boxes, image::Image& to) const override {
    image::copy(from, to);
    for (size_t i = 0; i < boxes.size(); i += 4) {
      augment::erase(to, box_of(boxes, i), value_);
    }
  }

  std::string spelled(const Parameters& boxes) const override {
    std::string text;
    for (size_t i = 0; i < boxes.size(); i += 4) {
      text += (i == 0 ? "" : " | ") + spelled_erase(box_of(boxes, i), value_);
    }
    return text;
  }

 private:
  int64_t patch_ = 16;
  double share_ = 0.75;
  ErasedValue value_ = {0};
};

ESPALIER_REGISTER(Op, PatchMask, "patch_mask", "hides a share of the patches of a grid");

}  // namespace
}  // namespace espalier::augment

#include "augment/box.h"
#include "augment/op.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

class Erase : public Op {
 public:
  Fields fields() override {
    return {{"top", &top_, {.unit = "px", .help = "first row"}},
            {"left", &left_, {.unit = "px", .help = "first column"}},
            {"height", &height_, {.min = 1, .unit = "px", .help = "rows"}},
            {"width", &width_, {.min = 1, .unit = "px", .help = "columns"}},
            value_field(value_)};
  }

  bool draw(Draw&, image::ViewShape, Parameters&) const override { return true; }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::copy(from, to);
    augment::erase(to, {top_, left_, height_, width_}, value_);
  }

  std::string spelled(const Parameters&) const override {
    return spelled_erase({top_, left_, height_, width_}, value_);
  }

 private:
  int64_t top_ = 0, left_ = 0, height_ = 8, width_ = 8;
  ErasedValue value_ = {0};
};

ESPALIER_REGISTER(Op, Erase, "erase", "fills a given box with one value");

}  // namespace
}  // namespace espalier::augment

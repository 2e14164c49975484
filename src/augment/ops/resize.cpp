#include "augment/op.h"
#include "image/resample.h"

namespace espalier::augment {
namespace {

class Resize : public Op {
 public:
  Fields fields() override {
    return {{"height", &height_, {.min = 1, .unit = "px", .help = "height of the result"}},
            {"width", &width_, {.min = 1, .unit = "px", .help = "width of the result"}},
            {"filter", &filter_name_, {.choices = image::filter_names(), .help = "how to resize"}}};
  }

  image::ViewShape output(image::ViewShape in) const override {
    return {in.channels, height_, width_};
  }

  std::optional<Parameters> draw(Draw&, image::ViewShape) const override { return Parameters{}; }

  image::Image apply(const image::Image& image, const Parameters&) const override {
    return image::resize(image, height_, width_, image::filter_named(filter_name_));
  }

 private:
  int64_t height_ = 256, width_ = 256;
  std::string filter_name_ = "bicubic";
};

ESPALIER_REGISTER(Op, Resize, "resize", "to a given height and width, antialiased");

}  // namespace
}  // namespace espalier::augment

// Gaussian blur: by default Pillow's ImageFilter.GaussianBlur, three passes of an extended box,
// which SimCLR and its descendants trained with; with `kernel` the true one, cut to that many
// pixels, as torchvision blurs tensors.
#include "image/blur.h"
#include "augment/fields.h"
#include "augment/op.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

class Blur : public Op {
 public:
  Fields fields() override {
    return {
        {"sigma",
         &sigma_,
         {.min = 0,
          .max = kMaxPixels,
          .unit = "px",
          .help = "standard deviation: one number, or the smallest and largest of a uniform draw"}},
        probability_field(probability_),
        {"kernel",
         &kernel_,
         {.min = 0,
          .max = kMaxPixels,
          .unit = "px",
          .help = "side of the kernel, odd; 0 = Pillow's approximation by boxes, which has no "
                  "fixed side"}}};
  }

  void validate() const override {
    check_number_or_range("blur.sigma", sigma_);
    check(kernel_ == 0 || kernel_ % 2 == 1, Kind::kUsage, "blur.kernel is {}, it must be odd",
          kernel_);
    check(kernel_ == 0 || sigma_[0] > 0, Kind::kUsage,
          "blur.sigma is {}, with a kernel it must be above 0", sigma_[0]);
  }

  image::ViewShape output(image::ViewShape in) const override {
    for (const int64_t side : {in.height, in.width}) {
      check(side == 0 || kernel_ / 2 < side, Kind::kUsage,
            "blur.kernel is {}, too large to be mirrored in {} x {} px (try: at most {})", kernel_,
            in.height, in.width, 2 * side - 1);
    }
    return in;
  }

  bool draw(Draw& draw, image::ViewShape, Parameters& sigma) const override {
    if (!draw.chance(probability_)) return false;
    sigma.push_back(draw.uniform(sigma_.front(), sigma_.back()));
    return true;
  }

  void apply(const image::Pixels& from, const Parameters& sigma, image::Image& to) const override {
    if (kernel_ == 0) {
      image::gaussian_blur(from, sigma[0], to);
    } else {
      image::gaussian_kernel_blur(from, kernel_, sigma[0], to);
    }
  }

  std::string spelled(const Parameters& sigma) const override {
    return kernel_ == 0 ? fmt::format("blur({})", sigma[0])
                        : fmt::format("blur({}, kernel={})", sigma[0], kernel_);
  }

 private:
  std::vector<double> sigma_ = {0.1, 2.0};
  double probability_ = 1;
  int64_t kernel_ = 0;
};

ESPALIER_REGISTER(Op, Blur, "blur", "blurs by a Gaussian");

}  // namespace
}  // namespace espalier::augment

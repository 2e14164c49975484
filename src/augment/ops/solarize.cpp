#include "augment/sometimes.h"
#include "core/error.h"
#include "image/tone.h"

namespace espalier::augment {
namespace {

class Solarize : public Sometimes {
 public:
  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::solarize(from, static_cast<double>(threshold_), to);
  }
  std::string spelled(const Parameters&) const override {
    return fmt::format("solarize({})", threshold_);
  }

 private:
  Fields options() override {
    return {{"threshold",
             &threshold_,
             {.min = 0, .max = 256, .help = "values at or above this are inverted"}}};
  }

  int64_t threshold_ = 128;
};

ESPALIER_REGISTER(Op, Solarize, "solarize", "inverts bright values");

}  // namespace
}  // namespace espalier::augment

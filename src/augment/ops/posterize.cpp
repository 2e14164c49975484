#include "augment/sometimes.h"
#include "core/error.h"
#include "image/tone.h"

namespace espalier::augment {
namespace {

class Posterize : public Sometimes {
 public:
  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::posterize(from, bits_, to);
  }
  std::string spelled(const Parameters&) const override {
    return fmt::format("posterize({})", bits_);
  }

 private:
  Fields options() override {
    return {{"bits",
             &bits_,
             {.min = 1, .max = 8, .help = "how many high bits of each value are kept"}}};
  }

  int64_t bits_ = 4;
};

ESPALIER_REGISTER(Op, Posterize, "posterize", "keeps the high bits of each value");

}  // namespace
}  // namespace espalier::augment

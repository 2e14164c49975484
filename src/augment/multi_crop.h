// Parts that the recipes of many papers share: the beginning of a view, the blur, and options for
// the sizes of views.
#pragma once

#include <string>

#include "augment/fields.h"
#include "augment/recipe.h"
#include "core/error.h"

namespace espalier::augment {

// Views of one size, with or without blur.
class OneSize : public Recipe {
 public:
  Fields fields() override { return {length_field("size", size_, "side of a view")}; }

 protected:
  OneSize(int64_t size, bool blur) : size_(size), blur_(blur) {}

  // A crop, a flip, the jitter of `strength`, seldom grey.
  std::string coloured(const char* scale, const char* filter, const char* strength) const {
    return coloured(size_, scale, filter, strength);
  }

  static std::string coloured(int64_t size, const char* scale, const char* filter,
                              const char* strength) {
    return fmt::format(
        "random_resized_crop({}, scale={}, filter={}) | flip(p=0.5) | colour_jitter({}, p=0.8) | "
        "grey(p=0.2)",
        size, scale, filter, strength);
  }

  // To be appended to a view.
  std::string blurred(double probability) const {
    return blur_ ? fmt::format(" | blur(sigma=[0.1, 2], p={})", probability) : "";
  }

  int64_t size_;
  bool blur_;
};

// Also small views.
class MultiCrop : public OneSize {
 public:
  Fields fields() override {
    return {length_field("size", size_, "side of a large view"),
            length_field("small", small_, "side of a small view"),
            {"count", &count_, {.min = 0, .max = 100, .help = "how many small views"}}};
  }

 protected:
  MultiCrop(int64_t size, int64_t small, int64_t count, bool blur)
      : OneSize(size, blur), small_(small), count_(count) {}

  int64_t small_, count_;
};

}  // namespace espalier::augment

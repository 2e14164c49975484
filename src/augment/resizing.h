// The options of every op that resizes: the filter, and the order of its two passes.
#pragma once

#include <string>

#include "core/options.h"
#include "image/resample.h"

namespace espalier::augment {

class Resizing {
 public:
  // The op's own options, and then these.
  Fields after(Fields fields);

  void resize(const image::Pixels& from, int64_t height, int64_t width, image::Image& to) const;

  // "resize(224, 224, bicubic, pillow13)"
  std::string spelled(int64_t height, int64_t width) const;

 private:
  image::Filter filter_ = image::Filter::kBicubic;
  image::Passes passes_ = image::Passes::kPillow13;
};

}  // namespace espalier::augment

// One augmentation. One file in augment/ops, registered by name; the options are its arguments in a
// pipeline's text, in the order of fields().
//
//   class Flip : public Op { ... };
//   ESPALIER_REGISTER(Op, Flip, "flip", "mirrors left and right");
//
// Random numbers are drawn first, by draw(); apply() is a pure function of image and numbers. So
// the two can be tested separately, and geometry is known before an image is decoded. An op is
// const after parsing: any number of threads draw and apply at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/random.h"
#include "core/registry.h"
#include "image/batch.h"
#include "image/image.h"

namespace espalier::augment {

class Op : public Plugin {
 public:
  static constexpr const char* kKind = "op";
  using Parameters = std::vector<double>;

  // Called once the options are set; throws kUsage when they do not fit together.
  virtual void validate() const {}

  // The channel counts that the op takes; empty = any.
  virtual std::vector<int64_t> channels() const { return {}; }

  // The shape that apply() makes of `in`, whatever is drawn; a height or width of 0 differs from
  // sample to sample. Throws kUsage when images of this shape cannot pass.
  virtual image::ViewShape output(image::ViewShape in) const { return in; }

  // Adds to `parameters`, which are empty before. False = the op does not change the image this
  // time.
  [[nodiscard]] virtual bool draw(Draw& draw, image::ViewShape in,
                                  Parameters& parameters) const = 0;

  // The part of an image of shape `in` that apply() needs: only this part is decoded.
  virtual image::Box region(image::ViewShape in, const Parameters&) const {
    return {0, 0, in.height, in.width};
  }

  // Where all that apply() does is to resize the region: to this height and width. It may then be
  // given the region at a smaller scale, in a run that gives up exact pixels for speed.
  virtual image::ViewShape resized(image::ViewShape, const Parameters&) const { return {}; }

  // `from` are the pixels of the region. `to` keeps its memory from image to image.
  virtual void apply(const image::Pixels& from, const Parameters& parameters,
                     image::Image& to) const = 0;

  // Ops with fixed arguments that do the same: "crop(3, 5, 97, 131) | resize(224, 224, bicubic)".
  virtual std::string spelled(const Parameters& parameters) const = 0;
};

}  // namespace espalier::augment

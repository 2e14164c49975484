// A readable list of ops that makes a view of an image.
//
//   const auto pipeline = Pipeline::parse("random_resized_crop(32, scale=[0.2, 1]) | flip(p=0.5)",
//   "augment.views"); const image::ViewShape shape = pipeline.output({3, 32, 32}); const
//   image::Image view = pipeline.apply(image, {.seed = 7, .epoch = 0, .sample = 12, .view = 1});
//
// Ops stand between `|`. An argument is `name=value` or, before any named one, just a value, in the
// order of the op's options (`espalier describe OP`). Values are numbers, texts, true or false, and
// lists [a, b]. The empty text is the identity.
//
// Draw law: the n-th op draws from (seed, "n.name", epoch, sample, view) and nothing else, so a
// view depends neither on threads, nor on order, nor on what other ops draw. A Pipeline is const
// after parsing; any number of threads may use it at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "augment/op.h"
#include "image/batch.h"
#include "image/image.h"

namespace espalier::augment {

class Pipeline {
 public:
  Pipeline() = default;  // the identity

  // Throws kUsage, beginning with `where`: an unknown op or argument with its nearest name, a value
  // out of range.
  static Pipeline parse(const std::string& text, const std::string& where);

  // Complete, with every default written out; parses to the same pipeline.
  const std::string& text() const { return text_; }

  // The shape of the view of an image of shape `in`; a height or width of 0 differs from sample to
  // sample. Throws kUsage when images of this shape cannot pass.
  image::ViewShape output(image::ViewShape in) const;

  image::Image apply(const image::Image& image, const image::SampleKey& key) const;

 private:
  struct Step {
    std::string name;  // "0.flip", of its draws
    std::shared_ptr<const Op> op;
  };

  std::vector<Step> steps_;
  std::string text_;
};

}  // namespace espalier::augment

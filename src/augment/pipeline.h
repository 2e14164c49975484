// A readable list of ops that makes a view of an image.
//
//   const auto pipeline =
//       Pipeline::parse("random_resized_crop(32, scale=[0.2, 1]) | flip(p=0.5)", "augment.views");
//   ViewPlan plan;
//   pipeline.draw({3, 375, 500}, {.seed = 7, .epoch = 0, .sample = 12, .view = 1}, plan);
//   ... decode plan.region() ...
//   const image::Pixels view = plan.make(pixels, memory);
//
// Ops stand between `|`. An argument is `name=value` or, before any named one, just a value, in the
// order of the op's options (`espalier describe OP`). Values are numbers, texts, true or false, and
// lists [a, b]. The empty text is the identity.
//
// Draw law: the n-th op draws from (seed, "n.name", epoch, sample, view) and nothing else, so a
// view depends neither on threads, nor on order, nor on what other ops draw. A Pipeline is const
// after parsing; any number of threads may use it at once.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "augment/op.h"
#include "image/batch.h"
#include "image/image.h"

namespace espalier::augment {

// What was drawn for one view, before any pixel is decoded. Used again from view to view it
// allocates nothing. One thread.
class ViewPlan {
 public:
  // The part of the whole image that the view is made of.
  image::Box region() const { return region_; }

  // By what the region may be reduced before, so that make() still has nothing to enlarge: 1, 2, 4
  // or 8.
  int shrink() const { return shrink_; }

  // `pixels` are those of region(). The view lies in them or in one of the two images of `memory`.
  image::Pixels make(image::Pixels pixels, std::array<image::Image, 2>& memory) const;

  // Whether another key could have drawn another view.
  bool is_random() const { return is_random_; }

  // The ops with fixed arguments that make this view of the whole image; they parse to a pipeline.
  std::string spelled() const;

 private:
  friend class Pipeline;
  struct Step {
    const Op* op = nullptr;
    image::ViewShape in;
    Op::Parameters parameters;
  };

  image::Box region_;
  int shrink_ = 1;
  bool is_random_ = false;
  std::vector<Step> steps_;  // the first count_ are in use
  size_t count_ = 0;
};

class Pipeline {
 public:
  Pipeline() = default;  // the identity

  // Throws kUsage, beginning with `where`: an unknown op or argument with its nearest name, a value
  // out of range.
  static Pipeline parse(const std::string& text, const std::string& where);

  // Complete, with every default written out; parses to the same pipeline.
  const std::string& text() const { return text_; }
  // What parse() was given: "augment.views".
  const std::string& where() const { return where_; }

  // The shape of the view of an image of shape `in`; a height or width of 0 differs from sample to
  // sample. Throws kUsage, beginning with `where`, when images of this shape cannot pass.
  image::ViewShape output(image::ViewShape in) const;

  // Draws the view of an image of shape `in`. `plan` refers to the ops of this pipeline. Throws as
  // output() for what could not be known before: this sample is too small, or its view too large.
  void draw(image::ViewShape in, const image::SampleKey& key, ViewPlan& plan) const;

  // Whether views of an image of shape `in` depend on the key.
  bool is_random(image::ViewShape in) const;

  // Draws and makes a view, for tests and verbs. Throws as output() and draw().
  image::Image apply(const image::Pixels& image, const image::SampleKey& key) const;

 private:
  struct Step {
    std::string name;  // "0.flip", of its draws
    std::shared_ptr<const Op> op;
  };

  std::vector<Step> steps_;
  std::string text_, where_;
};

}  // namespace espalier::augment

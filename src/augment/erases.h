// Base of an op that fills boxes with one value. It draws top, left, height and width of each box.
#pragma once

#include <string>
#include <vector>

#include "augment/op.h"

namespace espalier::augment {

class Erases : public Op {
 public:
  Fields fields() final;  // the op's own, and then the value
  void validate() const override;
  std::vector<int64_t> channels() const final;
  void apply(const image::Pixels& from, const Parameters& boxes, image::Image& to) const final;
  std::string spelled(const Parameters& boxes) const final;

 protected:
  static void add(const image::Box& box, Parameters& boxes);

 private:
  virtual Fields options() = 0;

  std::vector<int64_t> value_ = {0};  // one byte, or one per channel
};

}  // namespace espalier::augment

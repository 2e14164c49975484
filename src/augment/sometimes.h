// Base of an op that draws only whether it is applied.
#pragma once

#include "augment/fields.h"
#include "augment/op.h"

namespace espalier::augment {

class Sometimes : public Op {
 public:
  Fields fields() final {
    Fields fields = options();
    fields.push_back(probability_field(probability_));
    return fields;
  }

  bool draw(Draw& draw, image::ViewShape, Parameters&) const override {
    return draw.chance(probability_);
  }

 protected:
  // Those before p.
  virtual Fields options() { return {}; }

 private:
  double probability_ = 1;
};

}  // namespace espalier::augment

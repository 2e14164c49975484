// Base of an op that changes colours by a given factor.
#pragma once

#include <string>

#include "augment/fields.h"
#include "augment/op.h"
#include "core/error.h"

namespace espalier::augment {

class ByFactor : public Op {
 public:
  using Change = void (*)(const image::Pixels& from, double factor, image::Image& to);

  ByFactor(std::string name, std::string help, Change change)
      : name_(std::move(name)), help_(std::move(help)), change_(change) {}

  Fields fields() override { return {factor_field("factor", factor_, help_)}; }
  std::vector<int64_t> channels() const override { return {1, 3}; }

  bool draw(Draw&, image::ViewShape, Parameters& factor) const override {
    factor.push_back(factor_);
    return true;
  }

  void apply(const image::Pixels& from, const Parameters& factor, image::Image& to) const override {
    change_(from, factor[0], to);
  }

  std::string spelled(const Parameters& factor) const override {
    return fmt::format("{}({})", name_, factor[0]);
  }

 private:
  std::string name_, help_;
  Change change_;
  double factor_ = 1;
};

}  // namespace espalier::augment

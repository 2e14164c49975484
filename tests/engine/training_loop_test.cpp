// What a task lets rest is not moved, be it its own or the backbone's.
#include "engine/training_loop.h"

#include <gtest/gtest.h>

#include "engine/training_rank.h"

namespace espalier::engine {
namespace {

// Rotation that lets the backbone's first convolution rest, and its own bias.
class Holding : public pretext::Task {
 public:
  explicit Holding(std::shared_ptr<pretext::Task> inner) : inner_(std::move(inner)) {
    register_module("inner", inner_);
  }
  Fields fields() override { return inner_->fields(); }
  void build(const pretext::Site& site) override { inner_->build(site); }
  pretext::LaneOutput run(model::Backbone& backbone, const pretext::LaneInput& input) override {
    return inner_->run(backbone, input);
  }
  bool trains(const std::string& name, const pretext::Step&) const override {
    return name != "inner.classifier.bias";
  }
  bool trains_backbone(const std::string& name, const pretext::Step&) const override {
    return !name.starts_with("conv1.");
  }

 private:
  std::shared_ptr<pretext::Task> inner_;
};

TEST(Resting, WhatATaskLetsRestIsNotMoved) {
  const Toy toy("rotation", "batch", "f32");
  comm::run_ranks(2, [&](comm::Communicator& control) {
    const auto data = control.duplicate();
    Rank rank(toy, control, *data,
              {.dress = [](auto task) { return std::make_shared<Holding>(task); }});
    const State before = rank.state();
    rank.step(0);
    const State after = rank.state();
    for (const NamedTensor& parameter : rank.engine().parameters()) {
      const bool own = parameter.name.starts_with("task.");
      const std::string name = parameter.name.substr(parameter.name.find('.') + 1);
      const bool rests = name == "inner.classifier.bias" || name == "conv1.weight";
      EXPECT_EQ((own ? after.task : after.model)
                    .at(name)
                    .equal((own ? before.task : before.model).at(name)),
                rests)
          << parameter.name;
    }
  });
}

}  // namespace
}  // namespace espalier::engine

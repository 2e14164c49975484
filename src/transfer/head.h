// What stands on the cut and is new: a task whose modules give scores of classes. Plug-in kind
// "head", one file each.
//
//   auto head = Registry<Head>::create("mlp");
//   head->set_cut(2);
//   engine::Network network = engine::build_network(make_backbone, head, facts);
#pragma once

#include <optional>
#include <string>

#include "pretext/classifier.h"
#include "pretext/task.h"

namespace espalier::transfer {

class Head : public pretext::Task, public pretext::Classifier {
 public:
  static constexpr const char* kKind = "head";

  // Called before build(). `cut` in [1, stages], or `stages` for scratch.
  void set_cut(int64_t cut) { cut_ = cut; }
  // How many stages of the backbone the network has; the others are not computed.
  virtual int64_t depth(int64_t /*stages*/) const { return cut_; }

  // Another head that makes the same network at this cut.
  virtual std::optional<std::string> same_as(int64_t /*stages*/) const { return std::nullopt; }

  bool needs_labels() const final { return true; }
  void build(const pretext::Site& site) final;
  pretext::LaneOutput run(model::Backbone& backbone, const pretext::LaneInput& input) final;
  at::Tensor predict(model::Backbone& backbone, const at::Tensor& x) final;

 protected:
  // Makes the modules for values of `shape` (without N: map, tokens or vector), whose pooled
  // features have `width` numbers. kUsage, with what to try, where it does not take such values.
  virtual void make(const std::vector<int64_t>& shape, int64_t width, int64_t classes) = 0;
  // Logits [N, classes] of what the last stage gives.
  virtual at::Tensor logits(const model::Backbone& backbone, const at::Tensor& values) = 0;

  int64_t cut() const { return cut_; }

 private:
  int64_t cut_ = 0;
};

}  // namespace espalier::transfer

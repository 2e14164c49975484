// Where kept weights come from.
#pragma once

#include <string>
#include <vector>

#include "augment/augment_options.h"
#include "engine/backbone_file.h"

namespace espalier::transfer {

// Weights of the model of the sweep, whole.
struct Member {
  std::string path, sha256;
  tensor::TensorMap weights;
};

struct Source {
  std::string name;
  std::vector<Member> members;      // of "ours" one a pretraining seed, of others a single one
  augment::AugmentOptions augment;  // normalises images as its weights know them

  // Of the cells of backbone number `backbone`.
  const Member& member(int64_t backbone) const {
    return members[static_cast<size_t>(members.size() > 1 ? backbone : 0)];
  }
};

// "ours", and one for each "NAME=PATH" of `others` (engine/given_weights.h says what PATH may be).
// `augment` normalises as `backbones` do. kUsage where weights are not of the backbones' model, or
// backbones differ in more than their weights.
std::vector<Source> open_sources(const std::vector<engine::BackboneFile>& backbones,
                                 const std::vector<std::string>& others,
                                 const augment::AugmentOptions& augment);

}  // namespace espalier::transfer

// Trained backbones for tasks that look at one: what fills pretext::Site::open_backbone.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/given_weights.h"
#include "pretext/task.h"

namespace espalier::engine {

// Makes backbones for images of `input` from what GivenWeights::open() takes; their first
// convolutions and positions are adapted as there. Each load() names its parent in `loaded`, by its
// source. The opener throws kUsage where there is no such source, or it names no backbone and
// `model` is empty.
std::function<pretext::Trained(const std::string& source, const std::string& model)>
opener_of_backbones(const image::ViewShape& input,
                    std::shared_ptr<std::map<std::string, Parent>> loaded);

}  // namespace espalier::engine

// What stood on top of given weights: head, teacher, queue, centre of the run that they come from.
#pragma once

#include "engine/given_weights.h"
#include "engine/network.h"

namespace espalier::engine {

// The network's task goes on where that run stopped, if it is `task` with equal options of shape
// and, where it knows the set (Task::knows_the_set), on the same one. Says why not. kData when the
// checkpoint is damaged.
bool give_task(const GivenWeights& given, Network& network, const std::string& task,
               const std::string& data_hash);

}  // namespace espalier::engine

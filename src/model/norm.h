// The normalisation that model.norm names, after a convolution.
#pragma once

#include <torch/nn/modules/container/any.h>

#include <string>

namespace espalier::model {

// batch  batch normalisation. Under lanes each lane has its own statistics (ghost batch
// normalisation, Hoffer et al.
//        2017); the running ones are the tree mean of what the lanes propose.
// group  group normalisation (Wu & He 2018) with min(32, C / 4, but at least 1) groups, reduced
// until it divides C none   identity
torch::nn::AnyModule make_norm(const std::string& norm, int64_t channels);

}  // namespace espalier::model

// The normalisation that model.norm names, after a convolution.
#pragma once

#include <torch/nn/modules/container/any.h>

#include <string>

namespace espalier::model {

// batch  batch normalisation (model/batch_norm.h). With model.norm_sync local each lane has its own
//        statistics (ghost batch normalisation, Hoffer et al. 2017), and the running ones are the
//        mean of what the lanes propose; with global they are those of the whole batch.
// group  group normalisation (Wu & He 2018) with min(32, C / 4, but at least 1) groups, reduced
//        until it divides C
// none   identity
torch::nn::AnyModule make_norm(const std::string& norm, int64_t channels);

}  // namespace espalier::model

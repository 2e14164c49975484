// The normalisation that model.norm names, after a convolution.
#pragma once

#include <torch/nn/modules/container/any.h>

#include "core/names.h"

namespace espalier::model {

// batch  batch normalisation (model/batch_norm.h). With model.norm_sync local each lane has its own
//        statistics (ghost batch normalisation, Hoffer et al. 2017), and the running ones are the
//        mean of what the lanes propose; with global they are those of the whole batch.
// group  group normalisation (Wu & He 2018) with min(32, C / 4, but at least 1) groups, reduced
//        until it divides C
// none   identity
// auto   the one that the backbone was published with, which is one of the others
enum class Norm { kAuto, kBatch, kGroup, kNone };
constexpr auto names_of(Norm) {
  using enum Norm;
  return names<Norm>({{kAuto, "auto"}, {kBatch, "batch"}, {kGroup, "group"}, {kNone, "none"}});
}

// `norm` is not auto.
torch::nn::AnyModule make_norm(Norm norm, int64_t channels);

}  // namespace espalier::model

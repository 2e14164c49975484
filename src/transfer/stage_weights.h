// What the stages of a cell begin with.
#pragma once

#include <set>

#include "model/backbone.h"
#include "tensor/safetensors.h"
#include "transfer/evaluation_set.h"

namespace espalier::transfer {

// Parameters and buffers of `stage` become those of the same names in `weights`.
void copy_stage(model::Backbone& backbone, int64_t stage, const tensor::TensorMap& weights);

// Every parameter of `stage` is drawn by (key, name) from a normal distribution of the mean and
// variance of its namesake in `weights`.
void draw_stage_like(model::Backbone& backbone, int64_t stage, const tensor::TensorMap& weights,
                     uint64_t key);

// The running statistics of `stages` become the mean of those of batches of `images`, with these
// stages in training mode. Without batch normalisation nothing changes.
void recalibrate(model::Backbone& backbone, const std::set<int64_t>& stages,
                 const EvaluationSet& images);

// The backbone becomes its untrained twin: all weights drawn by (seed, name) as where a run begins,
// running statistics those of `images`, since without them the features of a deep network vanish or
// overflow.
void draw_anew(model::Backbone& backbone, tensor::InitScheme init, const EvaluationSet& images,
               uint64_t seed);

}  // namespace espalier::transfer

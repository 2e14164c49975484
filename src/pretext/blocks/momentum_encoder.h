// A teacher that follows a student: the momentum encoder of MoCo, BYOL and DINO.
#pragma once

#include <torch/nn/module.h>

namespace espalier::pretext {

// The teacher's parameters require no gradient from now on.
void make_teacher(torch::nn::Module& teacher);

// teacher := momentum * teacher + (1 - momentum) * student, parameter by parameter; a momentum of 0
// copies. Both have the same parameters. Running statistics are the teacher's own: it computes them
// in its own forward passes (He et al., "Momentum contrast for unsupervised visual representation
// learning", CVPR 2020, eq. 2 and the released code).
void follow(torch::nn::Module& teacher, const torch::nn::Module& student, double momentum);

}  // namespace espalier::pretext

// A teacher that follows a student: the momentum encoder of MoCo, BYOL and DINO.
#pragma once

#include <torch/nn/module.h>

namespace espalier::pretext {

// The teacher's parameters require no gradient from now on.
void make_teacher(torch::nn::Module& teacher);

// The teacher begins as the student: with its parameters, and with its running statistics, which are
// those of given weights. Both have the same modules.
void begin_as(torch::nn::Module& teacher, const torch::nn::Module& student);

// teacher := momentum * teacher + (1 - momentum) * student, parameter by parameter. Running
// statistics are the teacher's own: it computes them in its own forward passes (He et al.,
// "Momentum contrast for unsupervised visual representation learning", CVPR 2020, eq. 2 and the
// released code).
void follow(torch::nn::Module& teacher, const torch::nn::Module& student, double momentum);

}  // namespace espalier::pretext

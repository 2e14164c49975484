#include "pretext/blocks/momentum_encoder.h"

#include <torch/torch.h>

namespace espalier::pretext {

void make_teacher(torch::nn::Module& teacher) {
  for (at::Tensor& parameter : teacher.parameters()) parameter.set_requires_grad(false);
}

void begin_as(torch::nn::Module& teacher, const torch::nn::Module& student) {
  const torch::NoGradGuard no_grad;
  const auto parameters = student.named_parameters();
  for (auto& item : teacher.named_parameters()) item.value().copy_(parameters[item.key()]);
  const auto buffers = student.named_buffers();
  for (auto& item : teacher.named_buffers()) item.value().copy_(buffers[item.key()]);
}

void follow(torch::nn::Module& teacher, const torch::nn::Module& student, double momentum) {
  const torch::NoGradGuard no_grad;
  const auto from = student.named_parameters();
  for (auto& item : teacher.named_parameters())
    item.value().mul_(momentum).add_(from[item.key()], 1 - momentum);
}

}  // namespace espalier::pretext

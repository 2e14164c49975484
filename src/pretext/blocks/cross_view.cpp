#include "pretext/blocks/cross_view.h"

#include <torch/torch.h>

namespace espalier::pretext {

CrossView cross_view(const at::Tensor& teacher, const at::Tensor& student) {
  CrossView result{.losses = -mean_over_pairs(teacher, student)};
  const at::Tensor certain = entropy(teacher.detach()).mean(0);
  result.metrics = {{"teacher_entropy", certain}, {"kl", result.losses.detach() - certain}};
  return result;
}

at::Tensor mean_over_pairs(const at::Tensor& teacher, const at::Tensor& student) {
  const int64_t views = student.size(0);
  at::Tensor sum = (teacher.flip(0) * student.narrow(0, 0, 2)).sum({0, 2});
  if (views > 2) sum = sum + (teacher.sum(0) * student.slice(0, 2).sum(0)).sum(1);
  return sum / static_cast<double>(2 * (views - 1));
}

at::Tensor entropy(const at::Tensor& probabilities) {
  return -torch::xlogy(probabilities, probabilities).sum(-1);
}

}  // namespace espalier::pretext

// The nearest class mean of features of length 1 (Snell et al. 2017, with Euclidean distances).
#include <torch/torch.h>

#include "transfer/probe.h"

namespace espalier::transfer {
namespace {

at::Tensor unit(const at::Tensor& features) {
  return torch::nn::functional::normalize(
      features.to(torch::kDouble), torch::nn::functional::NormalizeFuncOptions().p(2).dim(1));
}

class Prototype : public Probe {
 public:
  void fit(const at::Tensor& features, const at::Tensor& classes, int64_t class_count) override {
    const at::Tensor members = torch::one_hot(classes, class_count).to(torch::kDouble);
    // A class without an image has its mean at 0, with length 1 features never the nearest.
    means_ = torch::mm(members.t(), unit(features)) / members.sum(0).clamp_min(1).unsqueeze(1);
  }

  at::Tensor scores(const at::Tensor& features, double) override {
    return -torch::cdist(unit(features), means_).square();
  }

 private:
  at::Tensor means_;
};

ESPALIER_REGISTER(Probe, Prototype, "prototype", "the nearest class mean of the features");

}  // namespace
}  // namespace espalier::transfer

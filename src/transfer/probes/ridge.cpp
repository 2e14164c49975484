// Ridge regression of one-hot classes on standardised features, in closed form.
#include <torch/torch.h>

#include <algorithm>
#include <optional>

#include "tensor/linear_probe.h"
#include "transfer/probe.h"

namespace espalier::transfer {
namespace {

class RidgeProbe : public Probe {
 public:
  std::vector<double> strengths() const override {
    std::vector<double> decays = tensor::probe_decays();
    std::ranges::sort(decays, std::greater());
    return decays;
  }

  void fit(const at::Tensor& features, const at::Tensor& classes, int64_t class_count) override {
    ridge_.emplace(features, classes, class_count);
  }

  at::Tensor scores(const at::Tensor& features, double strength) override {
    return ridge_->probe(strength).scores(features);
  }

 private:
  std::optional<tensor::Ridge> ridge_;
};

ESPALIER_REGISTER(Probe, RidgeProbe, "ridge", "ridge regression on the features of the cut");

}  // namespace
}  // namespace espalier::transfer

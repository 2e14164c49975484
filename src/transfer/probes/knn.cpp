// The vote of the most similar training images, weighted by similarity: cosine, temperature 0.07 (Wu
// et al. 2018, section 3.4). The number of neighbours is what is chosen.
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "transfer/probe.h"

namespace espalier::transfer {
namespace {

constexpr double kTemperature = 0.07;
constexpr int64_t kRows = 500;  // of similarities at once

at::Tensor unit(const at::Tensor& features) {
  return torch::nn::functional::normalize(
      features, torch::nn::functional::NormalizeFuncOptions().p(2).dim(1));
}

class Knn : public Probe {
 public:
  std::vector<double> strengths() const override { return {200, 50, 20, 5, 1}; }

  void fit(const at::Tensor& features, const at::Tensor& classes, int64_t class_count) override {
    known_ = unit(features);
    classes_ = torch::one_hot(classes, class_count).to(torch::kDouble);
  }

  at::Tensor scores(const at::Tensor& features, double strength) override {
    const int64_t neighbours = std::min(static_cast<int64_t>(strength), known_.size(0));
    std::vector<at::Tensor> parts;
    for (int64_t first = 0; first < features.size(0); first += kRows) {
      const at::Tensor rows =
          unit(features.narrow(0, first, std::min(kRows, features.size(0) - first)));
      const auto [similarity, index] = torch::mm(rows, known_.t()).topk(neighbours, 1);
      const at::Tensor weight = ((similarity.to(torch::kDouble) - 1) / kTemperature).exp();
      const at::Tensor votes = (classes_.index({index}) * weight.unsqueeze(2)).sum(1);
      parts.push_back((votes / votes.sum(1, true) + 1e-6).log());
    }
    return torch::cat(parts);
  }

 private:
  at::Tensor known_, classes_;  // [N, D], [N, classes]
};

ESPALIER_REGISTER(Probe, Knn, "knn", "the vote of the nearest training images");

}  // namespace
}  // namespace espalier::transfer

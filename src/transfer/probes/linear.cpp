// Logistic regression on standardised features, solved to its optimum by L-BFGS in float64: mean cross
// entropy + strength / 2 |W|^2. The loss is convex, and strictly so in W, so the optimum does not
// depend on where the solver begins: there is no learning rate and no number of steps.
#include <torch/torch.h>

#include "transfer/probe.h"

namespace espalier::transfer {
namespace {

constexpr double kGradient = 1e-7;  // largest entry at the optimum
constexpr int64_t kIterations = 2000;

class Linear : public Probe {
 public:
  std::vector<double> strengths() const override { return {1, 0.1, 0.01, 1e-3, 1e-4}; }

  void fit(const at::Tensor& features, const at::Tensor& classes, int64_t class_count) override {
    const at::Tensor x = features.to(torch::kDouble);
    mean_ = x.mean(0);
    const at::Tensor deviation = x.std(0, /*unbiased=*/false);
    // A feature that is constant, but for rounding, says nothing and stays 0.
    scale_ = torch::where(deviation > 1e-12 * mean_.abs(), deviation.reciprocal(),
                          torch::zeros_like(deviation));
    features_ = (x - mean_) * scale_;
    classes_ = classes;
    weight_ = torch::zeros({x.size(1), class_count}, torch::kDouble).requires_grad_();
    bias_ = torch::zeros({class_count}, torch::kDouble).requires_grad_();
    solved_ = -1;
  }

  at::Tensor scores(const at::Tensor& features, double strength) override {
    if (solved_ != strength) solve(strength);
    const torch::NoGradGuard no_grad;
    const at::Tensor x = (features.to(torch::kDouble) - mean_) * scale_;
    return (torch::mm(x, weight_) + bias_).log_softmax(1);
  }

 private:
  void solve(double strength) {
    const torch::AutoGradMode with_graph(true);
    torch::optim::LBFGS solver({weight_, bias_}, torch::optim::LBFGSOptions(1)
                                                     .max_iter(kIterations)
                                                     .tolerance_grad(kGradient)
                                                     .tolerance_change(1e-14)
                                                     .line_search_fn("strong_wolfe"));
    solver.step([&] {
      solver.zero_grad();
      const at::Tensor logits = torch::mm(features_, weight_) + bias_;
      const at::Tensor loss =
          torch::cross_entropy_loss(logits, classes_) + strength / 2 * weight_.square().sum();
      loss.backward();
      return loss;
    });
    solved_ = strength;
  }

  at::Tensor mean_, scale_, features_, classes_;
  at::Tensor weight_, bias_;
  double solved_ = -1;  // the strength whose optimum weight_ and bias_ are
};

ESPALIER_REGISTER(Probe, Linear, "linear", "logistic regression on the features of the cut");

}  // namespace
}  // namespace espalier::transfer

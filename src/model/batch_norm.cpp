#include "model/batch_norm.h"

#include <torch/torch.h>

namespace espalier::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

thread_local StatisticsSum* shared = nullptr;

// [C] as what multiplies x of 2 or 4 dimensions.
at::Tensor by_channel(const at::Tensor& values, const at::Tensor& x) {
  std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
  shape[1] = -1;
  return values.view(shape);
}

at::Tensor channel_sums(const at::Tensor& x) {
  return x.dim() == 2 ? x.sum(0) : x.sum(std::vector<int64_t>{0, 2, 3});
}

// x [N, C] or [N, C, H, W] -> normalised, mean [C], variance [C] without correction, values per
// channel.
struct Synchronised : torch::autograd::Function<Synchronised> {
  static variable_list forward(AutogradContext* context, const at::Tensor& input,
                               const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
    const at::Tensor x = input.to(weight.scalar_type());
    const at::Tensor own_count =
        torch::full({1}, static_cast<double>(x.numel() / x.size(1)), x.options());
    const at::Tensor sums = shared->sum(torch::cat({channel_sums(x), own_count}));
    const at::Tensor count = sums.narrow(0, x.size(1), 1);
    const at::Tensor mean = sums.narrow(0, 0, x.size(1)) / count;
    const at::Tensor centred = x - by_channel(mean, x);
    const at::Tensor variance = shared->sum(channel_sums(centred.square())) / count;
    const at::Tensor scale = (variance + epsilon).rsqrt();
    const at::Tensor normalised = centred * by_channel(scale, x);
    context->save_for_backward({normalised, scale, weight, count});
    context->saved_data["sum"] = reinterpret_cast<int64_t>(shared);
    const at::Tensor y =
        (normalised * by_channel(weight, x) + by_channel(bias, x)).to(input.scalar_type());
    context->mark_non_differentiable({mean, variance, count});
    return {y, mean, variance, count};
  }

  // dx = w s (dy - mean(dy) - x^ mean(dy x^)), means over the global batch.
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &normalised = saved[0], &scale = saved[1], &weight = saved[2];
    const at::Tensor dy = gradients[0].to(normalised.scalar_type());
    const at::Tensor sum_dy = channel_sums(dy), sum_dy_x = channel_sums(dy * normalised);
    auto* sum = reinterpret_cast<StatisticsSum*>(context->saved_data["sum"].toInt());
    const at::Tensor means = sum->sum(torch::cat({sum_dy, sum_dy_x})) / saved[3];
    const int64_t channels = scale.numel();
    const at::Tensor dx = (dy - by_channel(means.narrow(0, 0, channels), dy) -
                           normalised * by_channel(means.narrow(0, channels, channels), dy)) *
                          by_channel(weight * scale, dy);
    return {dx.to(gradients[0].scalar_type()), sum_dy_x, sum_dy, at::Tensor()};
  }
};

template <typename Module>
at::Tensor synchronised(Module& module, const at::Tensor& x) {
  const bool affine = module.options.affine();
  const variable_list out = Synchronised::apply(
      x, affine ? module.weight : torch::ones_like(module.running_mean),
      affine ? module.bias : torch::zeros_like(module.running_mean), module.options.eps());
  const torch::NoGradGuard no_grad;
  const double momentum = module.options.momentum().value_or(0.1);
  const at::Tensor &mean = out[1], &variance = out[2], &count = out[3];
  module.running_mean.mul_(1 - momentum).add_(mean, momentum);
  module.running_var.mul_(1 - momentum).add_(variance * (count / (count - 1)), momentum);
  module.num_batches_tracked.add_(1);
  return out[0];
}

}  // namespace

SharedStatistics::SharedStatistics(StatisticsSum* sum) : previous_(std::exchange(shared, sum)) {}
SharedStatistics::~SharedStatistics() { shared = previous_; }

at::Tensor BatchNorm1dImpl::forward(const at::Tensor& x) {
  return shared != nullptr && is_training() ? synchronised(*this, x)
                                            : torch::nn::BatchNorm1dImpl::forward(x);
}

at::Tensor BatchNorm2dImpl::forward(const at::Tensor& x) {
  return shared != nullptr && is_training() ? synchronised(*this, x)
                                            : torch::nn::BatchNorm2dImpl::forward(x);
}

}  // namespace espalier::model

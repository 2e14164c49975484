// Batch normalisation whose statistics are those of a lane, or of the whole global batch.
#pragma once

#include <torch/nn/modules/batchnorm.h>

namespace espalier::model {

// Sums a tensor over everybody who normalises together.
class StatisticsSum {
 public:
  virtual ~StatisticsSum() = default;
  // [k] -> [k]. All of them call it in the same order; it may wait for the others.
  virtual at::Tensor sum(const at::Tensor& values) = 0;
};

// While one lives, batch normalisation in training mode of this thread, and the backward pass of
// what it computed, uses statistics that `sum` joins (model.norm_sync global).
class SharedStatistics {
 public:
  explicit SharedStatistics(StatisticsSum* sum);  // null = a lane's own
  ~SharedStatistics();
  SharedStatistics(const SharedStatistics&) = delete;

 private:
  StatisticsSum* previous_;
};

// torch::nn::BatchNorm1d and 2d with that. Means and variances are computed in two passes over the
// data, in the type of the running statistics (Ioffe & Szegedy, ICML 2015, algorithm 1).
class BatchNorm1dImpl : public torch::nn::BatchNorm1dImpl {
 public:
  using torch::nn::BatchNorm1dImpl::BatchNorm1dImpl;
  at::Tensor forward(const at::Tensor& x);
};
TORCH_MODULE(BatchNorm1d);

class BatchNorm2dImpl : public torch::nn::BatchNorm2dImpl {
 public:
  using torch::nn::BatchNorm2dImpl::BatchNorm2dImpl;
  at::Tensor forward(const at::Tensor& x);
};
TORCH_MODULE(BatchNorm2d);

}  // namespace espalier::model

// A worker's network: it shares the weights, and has gradients and running statistics of its own.
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/network.h"
#include "sync/gradient_sum.h"

namespace espalier::engine {

// Used by one thread at a time. Stays where it is: hooks of its parameters point to it.
class Replica {
 public:
  // By parameter: its place among trained_parameters(), and a gradient.
  using Gradients = std::vector<std::pair<size_t, at::Tensor>>;
  // Tensors with a graph, and the gradient of the loss with respect to each.
  struct Roots {
    std::vector<at::Tensor> tensors, gradients;
    void add(const at::Tensor& tensor, const at::Tensor& gradient);
  };

  // `made` has the modules of `original`; from now on it shares all parameters and all buffers but
  // the running statistics.
  Replica(Network made, const Network& original);
  Replica(const Replica&) = delete;

  Network& network() { return network_; }
  const std::vector<NamedTensor>& statistics() const { return statistics_; }

  // The running statistics become equal to `from`.
  void set_statistics(const std::vector<NamedTensor>& from);

  // Backward of a lane into its buffer. A bucket is passed as soon as the graph will add nothing
  // more to it; parameters that the graph does not reach add nothing. `before` are gradients that
  // the lane has from elsewhere. At the end the running statistics are put and passed too.
  void backward(sync::GradientSum& sum, int64_t lane, sync::GradientSum::Buffer& buffer,
                const Roots& roots, const Gradients& before);

  // Backward of `root` whose gradients of parameters are given back.
  Gradients gradients_of(const at::Tensor& root);

 private:
  class Hook;

  void has_gradient(size_t parameter);
  void passed(size_t parameter);
  std::vector<uint8_t> reached_from(const std::vector<at::Tensor>& roots) const;

  Network network_;
  std::vector<NamedTensor> parameters_, statistics_;
  std::unordered_map<const at::TensorImpl*, size_t> index_;  // of parameters_

  // Of the backward pass under way.
  sync::GradientSum* sum_ = nullptr;
  sync::GradientSum::Buffer* buffer_ = nullptr;
  int64_t lane_ = 0;
  std::vector<size_t> left_;      // by bucket: parameters that are not done
  std::vector<uint8_t> is_done_;  // by parameter
  Gradients apart_;               // where there is no buffer
};

}  // namespace espalier::engine

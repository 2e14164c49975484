// The centre of a teacher's scores, which keeps one prototype from taking every sample (Caron et
// al. 2021, section 3.1 and eq. 4).
//
//   centre_ = register_module("centre", Centre(prototypes, 0.9));
//   ... centre_->sharpened(scores, temperature), .sums = CentreImpl::sums(scores) ...  // in run()
//   centre_->move(batch.sums);                                                     // after_step()
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace espalier::pretext {

// Its tensor is as those of Task::register_state.
class CentreImpl : public torch::nn::Module {
 public:
  CentreImpl(int64_t width, double momentum);

  // Probabilities softmax((scores - centre) / temperature) over the last dimension.
  at::Tensor sharpened(const at::Tensor& scores, double temperature) const;

  // [width + 1]: the sum of the rows of scores [N, width] and their number.
  static at::Tensor sums(const at::Tensor& scores);
  // centre := momentum * centre + (1 - momentum) * mean, of sums() over the whole batch; without
  // rows it stays.
  void move(const at::Tensor& sums);

  double norm() const;

 private:
  double momentum_;
  at::Tensor value_;  // [width]
};
TORCH_MODULE(Centre);

}  // namespace espalier::pretext

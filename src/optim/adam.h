// What Adam (Kingma & Ba 2015, algorithm 1) and its variants share: two running means of the
// gradient, and the number of updates that corrects their bias.
#pragma once

#include <string>
#include <vector>

#include "optim/optimizer.h"

namespace espalier::optim {

class AdamFamily : public Optimizer {
 public:
  Fields fields() override;

 protected:
  std::vector<std::string> state_names(const Group& group) const override;
  at::Tensor initial_state(const std::string& name, const at::Tensor& weight) const override;
  // Decoupled decay.
  void update(Group& group, State& state, double lr, double weight_decay) override;

  double beta1_ = 0.9;
  double beta2_ = 0.999;
  double epsilon_ = 1e-8;
};

}  // namespace espalier::optim

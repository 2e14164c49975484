// Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2).
#include "optim/adam.h"

namespace espalier::optim {
namespace {

class AdamW : public AdamFamily {
 public:
  Fields fields() override {
    Fields fields = AdamFamily::fields();
    fields.push_back(
        {"weight_decay",
         &weight_decay_,
         {.min = 0,
          .max = 10,
          .help = "share of a weight, times the learning rate, that each step takes away; set to "
                  "0.01 unless given, as in PyTorch; 0 = Adam"}});
    return fields;
  }
  double weight_decay() const override { return weight_decay_; }

 private:
  double weight_decay_ = 0.01;
};

ESPALIER_REGISTER(Optimizer, AdamW, "adamw",
                  "Adam with decoupled weight decay, which is 0.01 unless given");

}  // namespace
}  // namespace espalier::optim

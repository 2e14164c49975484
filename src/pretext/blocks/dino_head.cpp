#include "pretext/blocks/dino_head.h"

#include <torch/torch.h>

#include "pretext/blocks/projector.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {

Fields DinoHeadOptions::fields() {
  return {{"hidden",
           &hidden,
           {.min = 1,
            .max = 65536,
            .unit = "units",
            .help = "width of the two hidden layers of the head"}},
          {"bottleneck",
           &bottleneck,
           {.min = 1,
            .max = 65536,
            .unit = "units",
            .help = "width of the layer in front of the prototypes"}},
          {"prototypes",
           &prototypes,
           {.min = 2,
            .max = 1 << 20,
            .unit = "prototypes",
            .help = "among which the teacher sorts each view"}},
          {"prototypes_rest",
           &rest,
           {.min = 0,
            .max = 1,
            .unit = "of the run",
            .help = "prototypes do not move before; the paper's is the first of 100 epochs"}}};
}

bool DinoHeadOptions::trains(const std::string& name, const Step& step) const {
  const double moves_from = rest * static_cast<double>(step.total);
  return !name.ends_with(".prototypes") || static_cast<double>(step.number) >= moves_from;
}

DinoHeadImpl::DinoHeadImpl(int64_t input, const DinoHeadOptions& options) {
  mlp_ = register_module(
      "mlp", make_projector(input, {.widths = {options.hidden, options.hidden, options.bottleneck},
                                    .hidden_norm = false,
                                    .activation = Activation::kGelu}));
  prototypes_ =
      register_parameter("prototypes", torch::empty({options.prototypes, options.bottleneck}));
}

at::Tensor DinoHeadImpl::bottleneck(const at::Tensor& x) { return unit_rows(mlp_->forward(x)); }

at::Tensor DinoHeadImpl::scores(const at::Tensor& z) const {
  return at_least_f32(torch::mm(z, unit_rows(prototypes_).t().to(z.scalar_type())));
}

}  // namespace espalier::pretext

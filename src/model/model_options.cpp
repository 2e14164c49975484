#include "model/model_options.h"

#include "tensor/init.h"

namespace espalier::model {

Fields ModelOptions::fields() {
  return {
      {"name", &name, {.choices = Registry<Backbone>::names(), .help = "the backbone"}},
      {"norm",
       &norm,
       {.choices = {"auto", "batch", "group", "none"},
        .help = "normalisation after convolutions; auto = the one the backbone was published with; "
                "with batch, each lane has its own statistics"}},
      {"init",
       &init,
       {.choices = tensor::init_schemes(), .help = "how the first weights are drawn"}}};
}

std::shared_ptr<Backbone> ModelOptions::make(const config::Document& document,
                                             const image::ViewShape& input) const {
  auto backbone = Registry<Backbone>::create(name);
  document.fill("model", backbone->fields());
  backbone->build(input, norm == "auto" ? backbone->own_norm() : norm);
  return backbone;
}

}  // namespace espalier::model

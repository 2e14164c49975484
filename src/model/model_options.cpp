#include "model/model_options.h"

namespace espalier::model {

Fields ModelOptions::fields() {
  return {
      {"name", &name, {.choices = Registry<Backbone>::names(), .help = "the backbone"}},
      {"norm",
       &norm,
       {.help = "normalisation after convolutions; auto = the one the backbone was published with; "
                "with batch, each lane has its own statistics"}},
      {"norm_sync",
       &norm_sync,
       {.help = "local: batch normalisation uses the statistics of a lane; global: of the whole "
                "batch, over all lanes and ranks, for which a rank runs all its lanes at once"}},
      {"recompute_stages",
       &recompute_stages,
       {.help = "keep only the input of each stage and compute the stage again in backward: less "
                "memory, a third more time (gradient checkpointing)",
        .identity = false}},
      {"init",
       &init,
       {.help = "how the first weights are drawn; auto = as the backbone was published"}}};
}

std::shared_ptr<Backbone> ModelOptions::make(const config::Document& document,
                                             const image::ViewShape& input) const {
  auto backbone = Registry<Backbone>::create(name);
  document.fill("model", backbone->fields());
  backbone->build(input, norm == Norm::kAuto ? backbone->own_norm() : norm);
  backbone->recompute_stages(recompute_stages);
  return backbone;
}

}  // namespace espalier::model

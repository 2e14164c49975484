#include "model/model_options.h"

#include "config/plugin_options.h"

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

ModelOptions ModelOptions::read(config::Document& document) {
  ModelOptions options;
  options.name = document.peek("model", "name", options.name);
  const auto backbone = Registry<Backbone>::create(options.name);
  document.bind("model", config::with(options.fields(), backbone->fields()));
  document.finish();
  return options;
}

std::string ModelOptions::text(const config::Document& document) const {
  ModelOptions own = *this;
  const auto backbone = Registry<Backbone>::create(name);
  const Fields fields = config::with(own.fields(), backbone->fields());
  document.fill("model", fields);
  config::Document alone;
  alone.bind("model", fields);
  return alone.resolved_section("model");
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

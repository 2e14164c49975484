#include "train/plugin_options.h"

namespace espalier::train {

Fields OptimOptions::fields() {
  return {
      {"name", &name, {.choices = Registry<optim::Optimizer>::names(), .help = "the optimizer"}},
      {"lr",
       &lr,
       {.min = 0,
        .max = 1000,
        .help = "learning rate for steps of data.batch samples; nothing rescales it"}},
      {"schedule",
       &schedule,
       {.choices = Registry<optim::Schedule>::names(),
        .help = "how the learning rate changes over the run"}},
      {"decay_vectors",
       &decay_vectors,
       {.help = "whether weight decay also applies to biases and normalisation"}}};
}

Field seed_field(int64_t& seed) {
  constexpr double kMost = 9007199254740991;  // a double holds it, and so does JSON
  return {"seed", &seed, {.min = 0, .max = kMost, .help = "key of every random draw"}};
}

Fields optim_fields(config::Document& document, OptimOptions& options, optim::Optimizer& optimizer,
                    optim::Schedule& schedule) {
  Fields fields = options.fields();
  for (Fields own : {optimizer.fields(), schedule.fields()})
    for (Field& field : own) fields.push_back(std::move(field));
  drop_options_of_replaced<optim::Optimizer>(document, "optim", "name", fields);
  drop_options_of_replaced<optim::Schedule>(document, "optim", "schedule", fields);
  return fields;
}

}  // namespace espalier::train

#include "optim/optim_options.h"

#include "config/plugin_options.h"

namespace espalier::optim {

Fields OptimOptions::fields() {
  return {{"name", &name, {.choices = Registry<Optimizer>::names(), .help = "the optimizer"}},
          {"lr",
           &lr,
           {.min = 0,
            .max = 1000,
            .help = "learning rate for steps of data.batch samples; nothing rescales it"}},
          {"schedule",
           &schedule,
           {.choices = Registry<Schedule>::names(),
            .help = "how the learning rate changes over the run"}},
          {"clip_norm",
           &clip_norm,
           {.min = 0,
            .max = 1e6,
            .help = "the gradient is scaled down to this norm where it is larger; 0 = never"}},
          {"decay_vectors",
           &decay_vectors,
           {.help = "whether weight decay also applies to biases and normalisation"}}};
}

void OptimOptions::bind(config::Document& document) {
  name = document.peek("optim", "name", name);
  schedule = document.peek("optim", "schedule", schedule);
  const auto optimizer = Registry<Optimizer>::create(name);
  const auto course = Registry<Schedule>::create(schedule);
  const Fields all = config::with(config::with(fields(), optimizer->fields()), course->fields());
  config::drop_options_of_replaced<Optimizer>(document, "optim", "name", all);
  config::drop_options_of_replaced<Schedule>(document, "optim", "schedule", all);
  document.bind("optim", all);
}

std::shared_ptr<Optimizer> OptimOptions::make_optimizer(const config::Document& document) const {
  auto optimizer = Registry<Optimizer>::create(name);
  document.fill("optim", optimizer->fields());
  return optimizer;
}

std::shared_ptr<Schedule> OptimOptions::make_schedule(const config::Document& document) const {
  auto made = Registry<Schedule>::create(schedule);
  document.fill("optim", made->fields());
  return made;
}

}  // namespace espalier::optim

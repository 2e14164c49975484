#include "optim/optim_options.h"

#include <algorithm>

#include "config/plugin_options.h"

namespace espalier::optim {

Fields OptimOptions::fields() {
  return {
      {"name", &name, {.choices = Registry<Optimizer>::names(), .help = "the optimizer"}},
      {"lr",
       &lr,
       {.min = 0,
        .max = 1000,
        .help = "highest learning rate of the run, for steps of data.batch samples, or of "
                "optim.lr_base_batch where that is given"}},
      {"lr_base_batch",
       &lr_base_batch,
       {.min = 0,
        .max = 1e9,
        .unit = "samples",
        .help = "batch that optim.lr is meant for: the rate used is lr x batch / lr_base_batch; "
                "0 = optim.lr is used as it is"}},
      {"schedule",
       &schedule,
       {.choices = Registry<Schedule>::names(),
        .help = "how the learning rate changes after the warm-up"}},
      {"warmup",
       &warmup,
       {.min = 0,
        .max = 1,
        .unit = "of the run",
        .help = "share of the steps over which the learning rate rises linearly"}},
      {"layer_decay",
       &layer_decay,
       {.min = 1e-6,
        .max = 1,
        .help = "factor between the learning rates of a stage and the next; 1 = all stages have "
                "the same"}},
      {"weight_decay_end",
       &weight_decay_end,
       {.min = -1,
        .max = 10,
        .help = "weight decay at the end of the run, reached from weight_decay along half a "
                "cosine; -1 = it does not change"}},
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
  check(weight_decay_end == -1 || weight_decay_end >= 0, Kind::kUsage,
        "optim.weight_decay_end is {}, it must be -1 or at least 0", weight_decay_end);
  const Fields own = optimizer->fields();
  check(weight_decay_end < 0 || std::ranges::count(own, "weight_decay", &Field::name) > 0,
        Kind::kUsage, "optim.weight_decay_end is {}, and {} has no weight decay (try: adamw)",
        weight_decay_end, name);
}

double OptimOptions::lr_at_batch(int64_t batch) const {
  if (lr_base_batch == 0) return lr;
  return lr * static_cast<double>(batch) / static_cast<double>(lr_base_batch);
}

std::shared_ptr<Optimizer> OptimOptions::make_optimizer(const config::Document& document) const {
  auto optimizer = Registry<Optimizer>::create(name);
  document.fill("optim", optimizer->fields());
  return optimizer;
}

Course OptimOptions::make_course(const config::Document& document, const Optimizer& optimizer,
                                 int64_t batch, int64_t steps) const {
  const auto made = Registry<Schedule>::create(schedule);
  document.fill("optim", made->fields());
  Course course{.lr = lr_at_batch(batch),
                .warmup = warmup,
                .schedule = made,
                .weight_decay = optimizer.weight_decay(),
                .steps = steps};
  if (weight_decay_end >= 0) course.weight_decay_end = weight_decay_end;
  return course;
}

}  // namespace espalier::optim

// The section `optim` of a configuration. The options of the optimizer and of the schedule that it
// names are in the same section.
#pragma once

#include <memory>
#include <string>

#include "config/document.h"
#include "optim/course.h"
#include "optim/optimizer.h"

namespace espalier::optim {

struct OptimOptions {
  std::string name = "sgd", schedule = "cosine";
  double lr = 0.1, warmup = 0, clip_norm = 0;
  int64_t lr_base_batch = 0;
  double layer_decay = 1, weight_decay_end = -1;
  bool decay_vectors = false;
  Fields fields();

  // Reads the section, with the options of the two plug-ins. Options that the file gives to an
  // optimizer or a schedule that an override has replaced are removed from `document`.
  void bind(config::Document& document);

  // The learning rate for steps of `batch` samples.
  double lr_at_batch(int64_t batch) const;

  // A new one, with its options read from `document`.
  std::shared_ptr<Optimizer> make_optimizer(const config::Document& document) const;

  // The rates of a run of `steps` steps of `batch` samples, with the options of the schedule read
  // from `document`.
  Course make_course(const config::Document& document, const Optimizer& optimizer, int64_t batch,
                     int64_t steps) const;
};

}  // namespace espalier::optim

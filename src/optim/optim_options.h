// The section `optim` of a configuration. The options of the optimizer and of the schedule that it
// names are in the same section.
#pragma once

#include <memory>
#include <string>

#include "config/document.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"

namespace espalier::optim {

struct OptimOptions {
  std::string name = "sgd", schedule = "cosine";
  double lr = 0.1, clip_norm = 0;
  bool decay_vectors = false;
  Fields fields();

  // Reads the section, with the options of the two plug-ins. Options that the file gives to an
  // optimizer or a schedule that an override has replaced are removed from `document`.
  void bind(config::Document& document);

  // New ones, with their options read from `document`.
  std::shared_ptr<Optimizer> make_optimizer(const config::Document& document) const;
  std::shared_ptr<Schedule> make_schedule(const config::Document& document) const;
};

}  // namespace espalier::optim

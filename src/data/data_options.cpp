#include "data/data_options.h"

#include <fmt/format.h>

namespace espalier::data {

Fields DataOptions::fields() {
  Fields all = {
      {"shards", &shards, {.help = "folder of the packed training set", .identity = false}},
      {"validation",
       &validation,
       {.help = "folder of the packed set that hooks measure on; empty = none", .identity = false}},
      {"holdout",
       &holdout,
       {.min = 0,
        .max = 0.9,
        .unit = "fraction",
        .help =
            "part of the training set that is held out: it does not train, and hooks measure on "
            "it instead of data.validation; 0 = none"}},
      {"batch",
       &batch,
       {.min = 1, .max = 1e6, .unit = "samples", .help = "samples per step, over all ranks"}},
      {"threads",
       &threads,
       {.help = "reader threads per rank, 1 to 1024; auto = one per core of the rank",
        .identity = false}},
      {"depth",
       &depth,
       {.min = 1,
        .max = 1000,
        .unit = "batches",
        .help = "batches to prefetch: they are ready before the step that takes them",
        .identity = false}}};
  for (Field& field : reading.fields()) all.push_back(std::move(field));
  return all;
}

std::string DataOptions::validation_name() const {
  if (holdout > 0) return fmt::format("the part of {} that data.holdout keeps back", shards);
  return validation.empty() ? "" : fmt::format("data.validation ({})", validation);
}

}  // namespace espalier::data

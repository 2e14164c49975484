#include "transfer/transfer_config.h"

#include <algorithm>
#include <numeric>

#include "statistics/cells.h"

namespace espalier::transfer {
namespace {

constexpr double kMostCells = 100'000;

template <typename T>
void drop_repetitions(std::vector<T>& list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

void complete(SweepOptions& sweep, const engine::BackboneFile& backbone) {
  const auto stages = static_cast<int64_t>(backbone.stages.size());
  if (sweep.cuts.empty()) {
    sweep.cuts.resize(backbone.stages.size());
    std::iota(sweep.cuts.begin(), sweep.cuts.end(), 1);
  }
  for (const int64_t cut : sweep.cuts)
    check(cut <= stages, Kind::kUsage, "transfer.cuts has {}, the backbone has {} stages", cut,
          stages);
  check(!sweep.modes.empty() && !sweep.labels_per_class.empty(), Kind::kUsage,
        "transfer.modes or transfer.labels_per_class is empty: there is nothing to compute");
  drop_repetitions(sweep.cuts);
  drop_repetitions(sweep.modes);
  drop_repetitions(sweep.labels_per_class);
  std::ranges::sort(sweep.labels_per_class, statistics::fewer_labels);
  const double cells = static_cast<double>(sweep.seeds) *
                       static_cast<double>(sweep.labels_per_class.size()) *
                       static_cast<double>(1 + sweep.modes.size() * sweep.cuts.size());
  check(cells <= kMostCells, Kind::kUsage,
        "the sweep has {:.0f} cells: transfer.seeds x labels_per_class x (1 + modes x cuts); at "
        "most {:.0f} are computed (try: transfer.seeds=5)",
        cells, kMostCells);
}

}  // namespace

Fields DataOptions::fields() {
  return {
      {"train", &train, {.help = "folder of the packed training set", .identity = false}},
      {"test", &test, {.help = "folder of the packed test set", .identity = false}},
      {"threads",
       &threads,
       {.min = 1,
        .max = 1024,
        .unit = "threads",
        .help = "reader threads for the test set",
        .identity = false}},
  };
}

Fields SweepOptions::fields() {
  return {
      {"cuts",
       &cuts,
       {.min = 1,
        .max = 1000,
        .unit = "stages",
        .help = "stages kept; empty = every cut; scratch, which keeps none, is always computed"}},
      {"modes", &modes, {.help = "what happens to the stages that are kept"}},
      {"labels_per_class",
       &labels_per_class,
       {.min = 0,
        .max = 1e9,
        .unit = "labels",
        .help = "label budgets; 0 = all but a tenth held out"}},
      {"seeds",
       &seeds,
       {.min = 1,
        .max = 1000,
        .help = "each draws another subset, other fresh weights and another order"}},
      {"steps",
       &steps,
       {.min = 1, .max = 1e9, .unit = "steps", .help = "length of a cell, the same for all"}},
      {"batch",
       &batch,
       {.min = 2,
        .max = 1e6,
        .unit = "samples",
        .help = "at most the subset; smaller where it is smaller"}},
      {"kept_lr_factor",
       &kept_lr_factor,
       {.min = 0,
        .max = 1000,
        .help = "what optim.lr is multiplied with for kept stages that are tuned"}},
      {"workers",
       &workers,
       {.min = 0,
        .max = 1024,
        .unit = "cells",
        .help = "computed side by side, one thread each; 0 = as many as cores",
        .identity = false}},
  };
}

TransferConfig TransferConfig::read(config::Document document,
                                    const engine::BackboneFile& backbone) {
  TransferConfig config;
  config.augment.mean = backbone.mean;
  config.augment.std = backbone.std;
  config.augment.evaluate = backbone.evaluate;
  document.bind("", {seed_field(config.seed)});
  document.bind("data", config.data.fields());
  document.bind("augment", config.augment.fields());
  document.bind("transfer", config.sweep.fields());
  config.optim.bind(document);
  document.finish();
  complete(config.sweep, backbone);
  check(config.augment.mean == backbone.mean && config.augment.std == backbone.std, Kind::kUsage,
        "augment.mean or augment.std is not what the backbone was trained with (try: leave both "
        "out, they come with the backbone)");
  config.document = std::move(document);
  return config;
}

}  // namespace espalier::transfer

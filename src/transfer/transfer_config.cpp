#include "transfer/transfer_config.h"

#include <algorithm>
#include <numeric>

#include "core/memory.h"
#include "statistics/cells.h"
#include "transfer/head.h"
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

constexpr double kMostCells = 100'000;

template <typename T>
void sort_without_repetitions(std::vector<T>& list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// In the order given.
void drop_repetitions(std::vector<std::string>& list) {
  std::vector<std::string> kept;
  for (const std::string& item : list)
    if (std::ranges::count(kept, item) == 0) kept.push_back(item);
  list = std::move(kept);
}

// One number stands for a list of one.
void take_one_number(config::Document& document, const std::string& option) {
  const std::string number = document.peek("transfer", option, "");
  if (!number.empty()) document.set(fmt::format("transfer.{}=[{}]", option, number));
}

double count(const auto& list) { return static_cast<double>(list.size()); }

double count_budgets(const SweepOptions& sweep) {
  return count(sweep.labels_per_class) + count(sweep.labels_total) + count(sweep.labels_percent);
}

void require_few_cells(const SweepOptions& sweep) {
  const double cells = static_cast<double>(sweep.planned_seeds()) * count_budgets(sweep) *
                       (1 + count(sweep.modes) * count(sweep.cuts) * count(sweep.heads) *
                                (1 + count(sweep.sources)) * count(sweep.kept_lr_factor));
  check(cells <= kMostCells, Kind::kUsage,
        "the sweep has {:.0f} cells: transfer.seeds x label budgets x (1 + modes x cuts x heads "
        "x sources x kept_lr_factor); at most {:.0f} are computed (try: transfer.seeds=5)",
        cells, kMostCells);
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
  const auto require_some = [](const auto& list, const char* name) {
    check(!list.empty(), Kind::kUsage, "transfer.{} is empty: there is nothing to compute", name);
  };
  require_some(sweep.modes, "modes");
  require_some(sweep.heads, "heads");
  check(count_budgets(sweep) > 0, Kind::kUsage,
        "transfer.labels_per_class, labels_total and labels_percent are empty: there is nothing to "
        "compute");
  require_some(sweep.kept_lr_factor, "kept_lr_factor");
  require_some(sweep.steps, "steps");
  sort_without_repetitions(sweep.cuts);
  sort_without_repetitions(sweep.lr);
  sort_without_repetitions(sweep.steps);
  sort_without_repetitions(sweep.labels_per_class);
  std::ranges::sort(sweep.labels_per_class, statistics::fewer_labels);
  sort_without_repetitions(sweep.labels_total);
  sort_without_repetitions(sweep.labels_percent);
  sort_without_repetitions(sweep.kept_lr_factor);
  std::ranges::reverse(sweep.kept_lr_factor);
  drop_repetitions(sweep.modes);
  drop_repetitions(sweep.heads);
  drop_repetitions(sweep.sources);
  check(sweep.planned_seeds() >= sweep.seeds, Kind::kUsage,
        "transfer.most_seeds is {}, transfer.seeds is {} (try: transfer.most_seeds={})",
        sweep.most_seeds, sweep.seeds, 2 * sweep.seeds);
  require_few_cells(sweep);
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
      {"leaks",
       &leaks,
       {.help = "look for test images among training and pretraining images first",
        .identity = false}},
      {"leaks_by_features",
       &leaks_by_features,
       {.help = "with data.leaks, also look for test images that the backbone hardly tells from "
                "others: one pass over all sets",
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
      {"modes",
       &modes,
       {.choices = mode_names(),
        .help = "what happens to the stages that are kept, or the probe on their features"}},
      {"heads",
       &heads,
       {.choices = Registry<Head>::names(), .help = "what stands on the cut and is new"}},
      {"sources",
       &sources,
       {.help = "other weights to keep stages of, besides those of --backbone: NAME=RUN or "
                "NAME=FILE, for the same model"}},
      {"labels_per_class",
       &labels_per_class,
       {.min = 0,
        .max = 1e9,
        .unit = "labels",
        .help = "label budgets; 0 = all but a tenth held out; a class with fewer images gives all "
                "it has"}},
      {"labels_total",
       &labels_total,
       {.min = 2,
        .max = 1e9,
        .unit = "labels",
        .help = "more budgets: labels of all classes together, in equal shares; where a class has "
                "fewer images the others give more"}},
      {"labels_percent",
       &labels_percent,
       {.min = 1e-6,
        .max = 100,
        .unit = "%",
        .help = "more budgets: a part of each class, rounded, at least one image"}},
      {"kept_lr_factor",
       &kept_lr_factor,
       {.min = 0,
        .max = 1000,
        .help = "what the learning rate is multiplied with for kept stages that learn; each is an "
                "arm of the sweep; one number or a list"}},
      {"seeds",
       &seeds,
       {.min = 1,
        .max = 1000,
        .help = "of each backbone; each draws another subset, other fresh weights and another "
                "order"}},
      {"until_half_width",
       &until_half_width,
       {.min = 0,
        .max = 100,
        .unit = "points",
        .help = "seeds are added, three of each backbone at a time, until the 95 % interval of "
                "each arm minus scratch reaches no further than this to either side; 0 = none are "
                "added"}},
      {"most_seeds",
       &most_seeds,
       {.min = 1, .max = 1000, .help = "of each backbone, where seeds are added"}},
      {"lr",
       &lr,
       {.min = 0,
        .max = 1000,
        .help = "learning rates of which an arm and its controls take one together, by accuracy on "
                "held-out training images; empty = optim.lr; one number or a list"}},
      {"steps",
       &steps,
       {.min = 1,
        .max = 1e9,
        .unit = "steps",
        .help = "length of a cell; of several lengths each arm takes one, as of transfer.lr; one "
                "number or a list"}},
      {"folds",
       &folds,
       {.min = 2,
        .max = 100,
        .help = "parts of the training images that are held out in turn for such a choice, below "
                "100 labels per class; above, one fifth is held out once"}},
      {"tuning_seeds",
       &tuning_seeds,
       {.min = 1, .max = 1000, .help = "seeds whose training images such a choice is made on"}},
      {"batch",
       &batch,
       {.min = 2,
        .max = 1e6,
        .unit = "samples",
        .help = "at most the subset; smaller where it is smaller"}},
      {"workers",
       &workers,
       {.min = 0,
        .max = 1024,
        .unit = "cells",
        .help = "cells that a process computes side by side, one thread each; 0 = as many as cores",
        .identity = false}},
      {"cache_bytes",
       &cache_bytes,
       {.min = -1,
        .max = 1e15,
        .unit = "bytes",
        .help = "memory for the features of frozen stages, which are then computed once for all "
                "cells; 0 = each cell computes its own; -1 = a quarter of the memory that is "
                "available at the start, shared by the ranks",
        .identity = false}},
  };
}

TransferConfig TransferConfig::read(config::Document document, const engine::BackboneFile& backbone,
                                    int64_t ranks) {
  TransferConfig config;
  config.augment.mean = backbone.mean;
  config.augment.std = backbone.std;
  config.augment.evaluate = backbone.evaluate;
  document.bind("", {seed_field(config.seed)});
  document.bind("data", config.data.fields());
  document.bind("augment", config.augment.fields());
  for (const char* option : {"kept_lr_factor", "lr", "steps"}) take_one_number(document, option);
  document.bind("transfer", config.sweep.fields());
  config.optim.bind(document);
  document.finish();
  complete(config.sweep, backbone);
  if (config.sweep.cache_bytes < 0) config.sweep.cache_bytes = available_memory() / (4 * ranks);
  if (config.sweep.lr.empty()) config.sweep.lr = {config.optim.lr};
  check(config.augment.mean == backbone.mean && config.augment.std == backbone.std, Kind::kUsage,
        "augment.mean or augment.std is not what the backbone was trained with (try: leave both "
        "out, they come with the backbone)");
  config.document = std::move(document);
  return config;
}

}  // namespace espalier::transfer

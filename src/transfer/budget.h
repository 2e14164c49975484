// How many labelled images a cell trains on.
//
//   transfer.labels_per_class: [10]   10 of each class
//   transfer.labels_total: [500]      equal shares of the classes
//   transfer.labels_percent: [1]      1 % of each class
#pragma once

#include <string>
#include <vector>

#include "transfer/transfer_config.h"

namespace espalier::transfer {

struct Budget {
  int64_t labels_per_class = 0;   // mean over the classes, rounded: its name; 0 = all labels
  std::string rule;               // "500 total", "1 %"; "" = labels_per_class of each
  std::vector<int64_t> of_class;  // images that are taken, of those that there are; empty of all

  std::string text() const;  // "10 per class", "500 total", "1 %", "all"
};

// Of each class, `there` images have a label. A class with fewer than its share gives all it has: of
// a total, the others then give more. A percentage is rounded, and is at least one image.
Budget budget_per_class(int64_t labels, const std::vector<int64_t>& there);
Budget budget_of_total(int64_t labels, const std::vector<int64_t>& there);
Budget budget_of_percent(double percent, const std::vector<int64_t>& there);

// Those of a sweep, few labels first and all last. kUsage where the images are too few for one, or
// where two have the same mean, by which tables and figures know them.
std::vector<Budget> make_budgets(const SweepOptions& sweep, const std::vector<int64_t>& there);

}  // namespace espalier::transfer

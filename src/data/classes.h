// How labels of two sets are matched: by the names of classes. The number of a class has a meaning
// within its own set alone, so code that compares labels of two sets uses these functions.
//
//   const auto names = class_names(training);
//   const auto truth = labels_by_name(test, names, "data.test");
//   right += prediction == truth[i];
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace espalier::data {

// The names of a set's classes in the order of its numbers. Where a set has labels and no names,
// the numbers are the names: "0", "1", ...
std::vector<std::string> class_names(const Dataset& set);

// For every sample of `set` the number in `names` of its class, matched by name; -1 where it has no
// label. Classes of `names` without a sample in `set` are logged. kUsage, beginning with `where`,
// when a sample's class is not among `names`, or when two classes have one name.
std::vector<int64_t> labels_by_name(const Dataset& set, const std::vector<std::string>& names,
                                    const std::string& where);

// kUsage, beginning with `where` and naming the first such sample, unless every sample has a label.
void require_labels(const Dataset& set, const std::string& where);

}  // namespace espalier::data

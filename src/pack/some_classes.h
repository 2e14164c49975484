// A source reduced to some of its classes: halves of a data set, as in Yosinski et al. 2014, or the
// classes that a task is about. Labels are numbered anew, in the order of the source's own numbers.
#pragma once

#include <memory>

#include "pack/format.h"
#include "pack/pack_options.h"

namespace espalier::pack {

// `source` itself where `options.only_classes` is empty; else the items of those classes, and
// `options.class_names`, where there are some, are cut to match. kUsage, with the nearest name, for
// a class that the source does not have.
std::shared_ptr<Format> keep_classes(std::shared_ptr<Format> source, PackOptions& options);

}  // namespace espalier::pack

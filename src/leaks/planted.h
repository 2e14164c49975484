// Copies of test images, made to see which of them the search finds.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/selection.h"
#include "leaks/search.h"

namespace espalier::leaks {

struct Planted {
  std::string copy;  // "jpeg": stored at quality 75; "reduced": to three quarters and enlarged
                     // again; "mirrored"; "cropped": without a sixteenth of its rows and columns
  double found = 0;  // share
};

struct CopyKind {
  const char* name;
  image::Image (*make)(const image::Image& image, int64_t sample);
};
const std::vector<CopyKind>& copy_kinds();

std::vector<Planted> plant(const data::Dataset& test, const data::Selection& selection,
                           const Search& search, int64_t threads);

}  // namespace espalier::leaks

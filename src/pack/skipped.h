// What a pack leaves out and why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pack/format.h"
#include "pack/pack_options.h"
#include "pack/scan.h"

namespace espalier::pack {

struct Skipped {
  std::vector<bool> usable;  // by item
  std::string tsv;           // skipped.tsv: key, tab, reason, by key
  int64_t count = 0;         // its lines
  std::string warning;       // counts by extension; empty when only duplicates are left out
};

// `verdicts` are by item. kData when an image cannot be used and `on_corrupt` is fail, naming the
// first by key; kData when none is left.
[[nodiscard]] Skipped sort_out(const Format& source, const std::vector<Verdict>& verdicts,
                               const PackOptions& options);

}  // namespace espalier::pack

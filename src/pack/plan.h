// What a pack will write, fixed before a byte is written: a pure function of the source's contents
// and the options.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/hash.h"
#include "pack/format.h"
#include "pack/pack_options.h"
#include "pack/scan.h"
#include "pack/skipped.h"
#include "shards/shard.h"

namespace espalier::pack {

struct Plan {
  shards::SetFacts facts;
  shards::SampleTable table;            // in the order of the samples' numbers
  std::vector<int64_t> items;           // [N] of the source
  std::vector<Sha256::Digest> sha256;   // [N] of the contents that were scanned
  std::vector<int64_t> shard_begin{0};  // [shards + 1]
  Skipped skipped;
  std::vector<std::string> warnings;  // what a person must know about the set

  int64_t shards() const { return static_cast<int64_t>(shard_begin.size()) - 1; }
  shards::Shard shard(int64_t index) const;
};

// The items in the order of their sample numbers: by hash(seed, key), or by key. Adding or removing
// an image does not change the order of the others.
[[nodiscard]] std::vector<int64_t> sample_order(const Format& source, const PackOptions& options);

// `order` is sample_order(); `verdicts` are by item. kData when an image cannot be used and
// `on_corrupt` is fail, naming the first by key; kData when none is left; kUsage when the options
// do not fit the images. A shard is full when the next image would pass shard_size.
[[nodiscard]] Plan make_plan(const Format& source, const std::vector<int64_t>& order,
                             const std::vector<Verdict>& verdicts, const PackOptions& options);

}  // namespace espalier::pack

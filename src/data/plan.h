// What a pack will write, settled before a byte is written: a pure function of the source's
// contents and the options.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/hash.h"
#include "core/options.h"
#include "data/format.h"
#include "data/scan.h"
#include "data/shard.h"

namespace espalier::data {

struct PackOptions {
  int64_t seed = 0;
  int64_t shard_size = 256 << 20;
  std::string order = "shuffled";
  std::string storage = "auto";
  std::vector<std::string> class_names = {};
  std::string on_corrupt = "fail";
  std::string duplicates = "keep";
  std::string orientation = "apply";
  std::string progressive = "baseline";
  int64_t max_side = 0;
  std::string filter = "lanczos";
  int64_t quality = 95;
  int64_t max_pixels = 100'000'000;
  int64_t memory = 1 << 30;
  int64_t threads = 1;

  Fields fields();
  StorageRules rules() const;
  // Images of sides up to this may be stored as pixels.
  int64_t raw_side() const;
};

// Sides up to this are stored as pixels by `storage: auto`.
inline constexpr int64_t kRawSide = 96;

struct Plan {
  SetFacts facts;
  SampleTable table;                    // in the order of the samples' numbers
  std::vector<int64_t> items;           // [N] of the source
  std::vector<Sha256::Digest> sha256;   // [N] of the contents that were scanned
  std::vector<int64_t> shard_begin{0};  // [shards + 1]
  std::string skipped;                  // skipped.tsv
  int64_t num_skipped = 0;

  int64_t shards() const { return static_cast<int64_t>(shard_begin.size()) - 1; }
  Shard shard(int64_t index) const;
};

// The items in the order in which they get numbers: by hash(seed, key), or by key. An image more
// or less does not move the others.
std::vector<int64_t> sample_order(const Format& source, const PackOptions& options);

// `order` is sample_order(); `verdicts` are by item. kData when an image cannot be used and
// `on_corrupt` is fail, naming the first by key; kData when none is left; kUsage when the options
// do not fit the images. A shard is full when the next image would pass shard_size.
Plan make_plan(const Format& source, const std::vector<int64_t>& order,
               const std::vector<Verdict>& verdicts, PackOptions options);

}  // namespace espalier::data

// The options of packing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/options.h"
#include "pack/transcode.h"

namespace espalier::pack {

struct PackOptions {
  int64_t seed = 0;
  int64_t shard_size = 256 << 20;
  std::string order = "shuffled";
  std::string storage = "auto";
  std::vector<std::string> class_names = {};
  std::string on_corrupt = "fail";
  std::string duplicates = "keep";
  std::string background = "white";
  std::string orientation = "apply";
  std::string progressive = "baseline";
  int64_t max_side = 0;
  std::string filter = "lanczos";
  int64_t quality = 95;
  int64_t max_pixels = 100'000'000;
  int64_t memory = 1 << 30;
  int64_t threads = 1;

  Fields fields();
  // kUsage when the background is no colour.
  StorageRules rules() const;
  // Images of sides up to this may be stored as pixels.
  int64_t raw_side() const;
  // The options that decide the contents, as YAML; the background only where an image lies on one,
  // so that sets without such images are what they were before there was a choice.
  std::string identity(bool any_composited) const;
};

// Sides up to this are stored as pixels by `storage: auto`.
inline constexpr int64_t kRawSide = 96;

}  // namespace espalier::pack

// The options of packing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/options.h"
#include "pack/transcode.h"

namespace espalier::pack {

enum class SampleOrder { kShuffled, kPath };
constexpr auto names_of(SampleOrder) {
  using enum SampleOrder;
  return names<SampleOrder>({{kShuffled, "shuffled"}, {kPath, "path"}});
}

enum class Storage { kAuto, kRaw, kEncoded };
constexpr auto names_of(Storage) {
  using enum Storage;
  return names<Storage>({{kAuto, "auto"}, {kRaw, "raw"}, {kEncoded, "encoded"}});
}

enum class OnCorrupt { kFail, kSkip };
constexpr auto names_of(OnCorrupt) {
  using enum OnCorrupt;
  return names<OnCorrupt>({{kFail, "fail"}, {kSkip, "skip"}});
}

enum class Duplicates { kKeep, kDrop };
constexpr auto names_of(Duplicates) {
  using enum Duplicates;
  return names<Duplicates>({{kKeep, "keep"}, {kDrop, "drop"}});
}

enum class Orientation { kApply, kIgnore };
constexpr auto names_of(Orientation) {
  using enum Orientation;
  return names<Orientation>({{kApply, "apply"}, {kIgnore, "ignore"}});
}

enum class Progressive { kBaseline, kKeep };
constexpr auto names_of(Progressive) {
  using enum Progressive;
  return names<Progressive>({{kBaseline, "baseline"}, {kKeep, "keep"}});
}

struct PackOptions {
  int64_t seed = 0;
  int64_t shard_size = 256 << 20;
  SampleOrder order = SampleOrder::kShuffled;
  Storage storage = Storage::kAuto;
  std::vector<std::string> class_names = {}, only_classes = {};
  OnCorrupt on_corrupt = OnCorrupt::kFail;
  Duplicates duplicates = Duplicates::kKeep;
  std::string background = "white";
  Orientation orientation = Orientation::kApply;
  Progressive progressive = Progressive::kBaseline;
  int64_t max_side = 0;
  image::Filter filter = image::Filter::kLanczos;
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

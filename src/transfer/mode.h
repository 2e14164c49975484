// A mode says what a cell's stages begin with and which of them learn: a description, not a loop.
// Plug-in kind "mode", one file each. A probe (transfer/probe.h) is a mode too: the stages below the
// cut rest, and what stands on them is solved instead of trained.
//
//   const Plan plan = plan_of("frozen", /*cut=*/2, /*stages=*/4);
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "core/names.h"
#include "core/registry.h"

namespace espalier::transfer {

// fresh     drawn by (seed, name), as in pretraining
// source    those of a pretrained backbone
// mean_var  each tensor drawn from a normal distribution of the mean and variance that it has in
//           the backbone (Raghu et al. 2019, section 4.2)
// self      those of a network trained on the same labels, from another draw of fresh weights
enum class Weights { kFresh, kSource, kMeanVar, kSelf };
constexpr auto names_of(Weights) {
  using enum Weights;
  return names<Weights>(
      {{kFresh, "fresh"}, {kSource, "source"}, {kMeanVar, "mean_var"}, {kSelf, "self"}});
}

// What a plan does, whatever its kept stages begin with: their number, which stages learn, the share
// of the steps in which only the fresh ones do, the probe.
using Treatment = std::tuple<int64_t, std::vector<bool>, double, std::string>;

struct Plan {
  std::vector<Weights> weights;  // of each stage
  std::vector<bool> trained;     // whether a stage learns; one that does not rests bit for bit
  double head_first = 0;         // share of the steps in which only what is fresh learns
  std::string probe = {};        // solved on the pooled features of the cut, instead of training

  bool begins_with(Weights kind) const;
  // Stages [0, kept) hold what they begin with: those below the cut, and all that are not fresh.
  int64_t kept(int64_t cut) const;
  // Stages [0, resting()) do not learn, and what they give of an image does not change.
  int64_t resting() const;
  Treatment treatment(int64_t cut) const { return {kept(cut), trained, head_first, probe}; }
  // Whether a kept stage learns, so that it has a rate of its own.
  bool trains_kept(int64_t cut) const;
  // Begins with weights that nobody pretrained: shown and compared, never "best".
  bool is_control(int64_t cut) const { return cut > 0 && !begins_with(Weights::kSource); }
  // Takes weights, or what they look like, from a source.
  bool has_source() const;
};

// Stages below the cut begin with `kept`; the others are fresh and learn.
Plan keep_below(int64_t cut, int64_t stages, Weights kept, bool trained);

class Mode : public Plugin {
 public:
  static constexpr const char* kKind = "mode";

  // `cut` in [1, stages]: the number of stages kept.
  virtual Plan plan(int64_t cut, int64_t stages) const = 0;
};

inline constexpr const char* kScratch = "scratch";

// Every mode and every probe, by name.
std::vector<std::string> mode_names();

// Of a mode or a probe; at cut 0 every one is scratch. kUsage where there is none of that name.
Plan plan_of(const std::string& mode, int64_t cut, int64_t stages);

}  // namespace espalier::transfer

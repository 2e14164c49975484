#include "transfer/mode.h"

#include <algorithm>

#include "transfer/probe.h"

namespace espalier::transfer {

bool Plan::begins_with(Weights kind) const { return std::ranges::count(weights, kind) > 0; }

int64_t Plan::kept(int64_t cut) const {
  int64_t kept = cut;
  while (kept < static_cast<int64_t>(weights.size()) &&
         weights[static_cast<size_t>(kept)] != Weights::kFresh)
    ++kept;
  return kept;
}

int64_t Plan::resting() const { return std::ranges::find(trained, true) - trained.begin(); }

bool Plan::trains_kept(int64_t cut) const {
  return std::count(trained.begin(), trained.begin() + kept(cut), true) > 0;
}

bool Plan::has_source() const {
  return begins_with(Weights::kSource) || begins_with(Weights::kMeanVar);
}

Plan keep_below(int64_t cut, int64_t stages, Weights kept, bool trained) {
  Plan plan;
  for (int64_t stage = 0; stage < stages; ++stage) {
    plan.weights.push_back(stage < cut ? kept : Weights::kFresh);
    plan.trained.push_back(stage >= cut || trained);
  }
  return plan;
}

std::vector<std::string> mode_names() {
  std::vector<std::string> names = Registry<Mode>::names();
  for (const std::string& probe : Registry<Probe>::names()) names.push_back(probe);
  std::ranges::sort(names);
  return names;
}

Plan plan_of(const std::string& mode, int64_t cut, int64_t stages) {
  if (cut == 0) return keep_below(0, stages, Weights::kFresh, true);
  const std::vector<std::string> probes = Registry<Probe>::names();
  if (std::ranges::count(probes, mode) == 0) return Registry<Mode>::create(mode)->plan(cut, stages);
  Plan plan = keep_below(cut, stages, Weights::kSource, false);
  plan.probe = mode;
  return plan;
}

}  // namespace espalier::transfer

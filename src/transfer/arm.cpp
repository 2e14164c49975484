#include "transfer/arm.h"

namespace espalier::transfer {
namespace {

void add_arms(const SweepOptions& sweep, const std::string& mode, int64_t labels, int64_t stages,
              std::vector<Arm>& arms) {
  const Plan plan = plan_of(mode, 1, stages);
  std::vector<std::string> heads = sweep.heads, sources = {""};
  if (!plan.probe.empty()) heads = {""};
  if (plan.has_source()) {
    sources = {kOurs};
    for (const std::string& source : sweep.sources)
      sources.push_back(source.substr(0, source.find('=')));
  }
  for (const std::string& head : heads)
    for (const std::string& source : sources)
      for (const double factor :
           plan.trains_kept(1) ? sweep.kept_lr_factor : std::vector<double>{0})
        for (const int64_t cut : sweep.cuts)
          arms.push_back({source, mode, factor, head, cut, labels});
}

}  // namespace

std::string Arm::text() const {
  std::string text = mode;
  if (!source.empty() && source != kOurs) text += " from " + source;
  if (kept_lr_factor > 0) text += fmt::format(", factor {}", kept_lr_factor);
  if (!head.empty() && head != "suffix") text += ", head " + head;
  if (cut > 0) text += fmt::format(", cut {}", cut);
  return text + (labels_per_class == 0 ? ", all labels"
                                       : fmt::format(", {} labels per class", labels_per_class));
}

std::vector<Arm> arms_of(const SweepOptions& sweep, const std::vector<int64_t>& labels_per_class,
                         int64_t stages) {
  std::vector<Arm> arms;
  for (const int64_t labels : labels_per_class) {
    arms.push_back({"", kScratch, 0, "suffix", 0, labels});
    for (const std::string& mode : sweep.modes)
      if (mode != kScratch) add_arms(sweep, mode, labels, stages, arms);
  }
  return arms;
}

Company company_of(const Arm& arm, int64_t stages) {
  const Plan plan = plan_of(arm.mode, arm.cut, stages);
  return {arm.labels_per_class, arm.cut, arm.head,
          plan.trains_kept(arm.cut) ? arm.kept_lr_factor : 0, plan.treatment(arm.cut)};
}

std::vector<Hyperparameters> settings_of(const SweepOptions& sweep, const Arm& arm) {
  if (arm.head.empty()) return {{}};
  std::vector<Hyperparameters> settings;
  for (const double lr : sweep.lr)
    for (const int64_t steps : sweep.steps) settings.push_back({lr, steps});
  return settings;
}

}  // namespace espalier::transfer

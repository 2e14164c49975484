#include "report/practice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "report/finding.h"
#include "report/numbers.h"

namespace espalier::report {
namespace {

using BySeed = std::map<int64_t, double>;

// The mean over cuts 1 to the last of what `mode` reaches, for the seeds that have all those cuts.
BySeed over_cuts(const TransferRun& run, int64_t budget, const std::string& mode) {
  BySeed sums;
  std::map<int64_t, int64_t> counts;
  int64_t cuts = 0;
  for (int64_t cut = 1; cut <= run.last_cut(); ++cut) {
    const BySeed accuracies = run.by_seed(budget, mode, cut);
    cuts += !accuracies.empty();
    for (const auto& [seed, accuracy] : accuracies) sums[seed] += accuracy, ++counts[seed];
  }
  std::erase_if(sums, [&](const auto& entry) { return counts[entry.first] != cuts; });
  for (auto& [seed, sum] : sums) sum /= static_cast<double>(cuts);
  return sums;
}

// Collects one comparison a budget and sums them up.
class Evidence {
 public:
  void add(int64_t budget, const std::string& what, const Interval& difference) {
    if (difference.n == 0) return;
    text_ += fmt::format("{}{}: {} {} points", text_.empty() ? "" : "; ", budget_text(budget), what,
                         points(difference));
    const Sign sign = sign_of(difference);
    positive_ = positive_ || sign == Sign::kPositive;
    negative_ = negative_ || sign == Sign::kNegative;
    ++count_;
  }
  bool empty() const { return count_ == 0; }
  Verdict verdict() const {
    if (positive_ && negative_) return Verdict::kMixed;
    if (positive_) return Verdict::kSupported;
    return negative_ ? Verdict::kContradicted : Verdict::kUnclear;
  }
  Statement statement(const std::string& claim, const std::string& after = "") const {
    return {claim, verdict(), text_ + "." + after};
  }

 private:
  std::string text_;
  bool positive_ = false, negative_ = false;
  int64_t count_ = 0;
};

// The mode whose kept layers stay as pretrained, else the first that starts from them.
std::string plain_mode(const TransferRun& run) {
  const auto modes = run.modes();
  if (std::find(modes.begin(), modes.end(), "frozen") != modes.end()) return "frozen";
  for (const std::string& mode : modes)
    if (!is_control(mode)) return mode;
  return "";
}

Statement first_general(const TransferRun& run) {
  const std::string claim =
      "The first layers are general, the last ones specific to the pretext task.";
  const std::string mode = plain_mode(run);
  Evidence evidence;
  if (run.last_cut() >= 2)
    for (const int64_t budget : run.budgets())
      evidence.add(
          budget, fmt::format("first cut over last cut ({})", mode),
          paired_by_seed(run.by_seed(budget, mode, 1), run.by_seed(budget, mode, run.last_cut()))
              .interval);
  if (evidence.empty())
    return {claim, Verdict::kNotTested, "It needs the first and the last cut in one mode."};
  return evidence.statement(claim);
}

// The middle cut that falls deepest below the lower one of the first and the last cut, where both
// falls are clear.
std::optional<std::string> dip(const TransferRun& run, int64_t budget, const std::string& mode) {
  std::optional<std::string> found;
  double deepest = 0;
  const BySeed first = run.by_seed(budget, mode, 1),
               last = run.by_seed(budget, mode, run.last_cut());
  for (int64_t cut = 2; cut < run.last_cut(); ++cut) {
    const BySeed middle = run.by_seed(budget, mode, cut);
    const Interval below_first = paired_by_seed(middle, first).interval;
    const Interval below_last = paired_by_seed(middle, last).interval;
    if (sign_of(below_first) != Sign::kNegative || sign_of(below_last) != Sign::kNegative) continue;
    const Interval& nearer = below_first.mean > below_last.mean ? below_first : below_last;
    if (nearer.mean >= deepest) continue;
    deepest = nearer.mean;
    found = fmt::format("{}: cut {} lies {} points below both ends", budget_text(budget), cut,
                        points(Interval{-nearer.mean, nearer.half_width, nearer.n}));
  }
  return found;
}

Statement middle_hurts(const TransferRun& run) {
  const std::string claim =
      "A cut in the middle hurts, since neighbouring layers have adapted to each other.";
  const std::string mode = plain_mode(run);
  std::string seen;
  bool tested = false;
  for (const int64_t budget : run.budgets()) {
    tested = tested || (run.last_cut() >= 3 && !run.by_seed(budget, mode, 2).empty() &&
                        !run.by_seed(budget, mode, 1).empty() &&
                        !run.by_seed(budget, mode, run.last_cut()).empty());
    if (const auto found = dip(run, budget, mode)) seen += (seen.empty() ? "" : "; ") + *found;
  }
  if (!tested)
    return {claim, Verdict::kNotTested,
            "It needs the first, a middle and the last cut in the mode that keeps layers fixed."};
  if (!seen.empty())
    return {claim, Verdict::kSupported,
            seen +
                ". Not corrected over cuts; the same net relearned on its own task would tell "
                "co-adaptation from specificity."};
  return {claim, Verdict::kUnclear,
          fmt::format(
              "No middle cut ({}) lies clearly below both the first and the last cut. The sharp "
              "test, relearning the upper layers on the pretext task itself, was not run.",
              mode)};
}

Statement beats_random(const TransferRun& run) {
  const std::string claim = "Pretrained weights beat random ones.";
  Evidence evidence;
  for (const int64_t budget : run.budgets())
    for (const std::string& mode : run.modes()) {
      if (is_control(mode)) continue;
      const BySeed pretrained = over_cuts(run, budget, mode);
      const BySeed control = over_cuts(run, budget, "random_" + mode);
      if (!control.empty())
        evidence.add(budget, mode + " over random " + mode + ", mean of all cuts,",
                     paired_by_seed(pretrained, control).interval);
      else if (mode != "frozen")
        evidence.add(budget, mode + " over scratch, mean of all cuts,",
                     paired_by_seed(pretrained, run.by_seed(budget, "scratch", 0)).interval);
    }
  if (evidence.empty())
    return {claim, Verdict::kNotTested,
            "It needs a mode that tunes the kept layers and scratch, or a random control."};
  return evidence.statement(claim);
}

// The number after "kept_lr_factor:" in the resolved configuration.
std::optional<double> kept_lr_factor(const TransferRun& run) {
  const std::string key = "kept_lr_factor:";
  const size_t at = run.config.find(key);
  if (at == std::string::npos) return std::nullopt;
  const char* text = run.config.c_str() + at + key.size();
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  return end == text ? std::nullopt : std::optional(value);
}

Statement lower_lr_helps(const TransferRun& run, const std::vector<TransferRun>& others) {
  const std::string claim = "A lower learning rate on the kept weights helps.";
  const auto factor = kept_lr_factor(run);
  Evidence evidence;
  for (const TransferRun& other : others) {
    const auto other_factor = kept_lr_factor(other);
    if (!factor || !other_factor || !(*factor < *other_factor)) continue;
    for (const int64_t budget : run.budgets())
      evidence.add(
          budget,
          fmt::format("tuned at factor {} over {}, mean of all cuts,", *factor, *other_factor),
          paired_by_seed(over_cuts(run, budget, "tuned"), over_cuts(other, budget, "tuned"))
              .interval);
  }
  if (!evidence.empty()) return evidence.statement(claim);
  return {
      claim, Verdict::kNotTested,
      fmt::format("{}Run the sweep again with another kept_lr_factor (1 = the same rate) and give "
                  "both folders to one report.",
                  factor ? fmt::format("Here the factor is {} throughout. ", *factor) : "")};
}

}  // namespace

std::string verdict_text(Verdict verdict) {
  constexpr const char* kTexts[] = {"supported", "contradicted", "mixed", "unclear",
                                    "not tested here"};
  return kTexts[static_cast<int>(verdict)];
}

std::vector<Statement> statements(const TransferRun& run, const std::vector<TransferRun>& others) {
  return {first_general(run), middle_hurts(run), beats_random(run), lower_lr_helps(run, others)};
}

}  // namespace espalier::report

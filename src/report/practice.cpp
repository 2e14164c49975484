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

// The mean over cuts of `mode` less `other_mode` ("scratch", or the same cut of another mode or
// sweep), over the cuts that both have, for the seeds that have all of those.
Interval mean_gain(int64_t budget, const TransferRun& run, const std::string& mode,
                   const TransferRun& other, const std::string& other_mode) {
  BySeed sums;
  std::map<int64_t, int64_t> counts;
  int64_t cuts = 0;
  for (int64_t cut = 1; cut <= run.last_cut(); ++cut) {
    const BySeed left = run.by_seed(budget, mode, cut);
    const BySeed right = other.by_seed(budget, other_mode, other_mode == "scratch" ? 0 : cut);
    if (left.empty() || right.empty()) continue;
    ++cuts;
    for (const auto& [seed, accuracy] : left)
      if (const auto pair = right.find(seed); pair != right.end())
        sums[seed] += accuracy - pair->second, ++counts[seed];
  }
  std::vector<double> gains;
  for (const auto& [seed, sum] : sums)
    if (counts[seed] == cuts) gains.push_back(sum / static_cast<double>(cuts));
  return t_interval(gains);
}

// Collects comparisons, one a label budget each, and sums them up.
class Evidence {
 public:
  void add(const std::string& what, int64_t budget, const Interval& difference) {
    if (difference.n == 0) return;
    auto line = std::find_if(lines_.begin(), lines_.end(),
                             [&](const auto& known) { return known.first == what; });
    if (line == lines_.end()) line = lines_.insert(line, {what, ""});
    line->second += fmt::format("{}{} ({})", line->second.empty() ? "" : ", ", points(difference),
                                budget_text(budget));
    const Sign sign = sign_of(difference);
    positive_ = positive_ || sign == Sign::kPositive;
    negative_ = negative_ || sign == Sign::kNegative;
  }
  bool empty() const { return lines_.empty(); }
  Statement statement(const std::string& claim) const {
    std::string text;
    for (const auto& [what, values] : lines_)
      text += fmt::format("{}{}: {} points.", text.empty() ? "" : " ", what, values);
    return {claim, verdict(), text};
  }

 private:
  Verdict verdict() const {
    if (positive_ && negative_) return Verdict::kMixed;
    if (positive_) return Verdict::kSupported;
    return negative_ ? Verdict::kContradicted : Verdict::kUnclear;
  }

  std::vector<std::pair<std::string, std::string>> lines_;
  bool positive_ = false, negative_ = false;
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
          fmt::format("First cut over last cut, {}", mode), budget,
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
      const std::string control = "random_" + mode;
      if (run.find(budget, control, 1))
        evidence.add(fmt::format("{} over {}, mean of all cuts", mode, control), budget,
                     mean_gain(budget, run, mode, run, control));
      else if (mode != "frozen")
        evidence.add(fmt::format("{} over scratch, mean of all cuts", mode), budget,
                     mean_gain(budget, run, mode, run, "scratch"));
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
          fmt::format("Factor {} over {} (tuned), mean of all cuts", *factor, *other_factor),
          budget, mean_gain(budget, run, "tuned", other, "tuned"));
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

#include "report/practice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/numbers.h"

namespace espalier::report {
namespace {

// The mean over cuts of `line` less `other_line` (none: scratch) of the same cut, over the cuts that both have, for the seeds that have all of those.
PairedDifference mean_gain(int64_t budget, const TransferRun& run, const Line& line,
                           const TransferRun& other, const Line& other_line) {
  std::map<int64_t, double> left_sums, right_sums;
  std::map<int64_t, int64_t> counts;
  int64_t cuts = 0;
  for (int64_t cut = 1; cut <= run.last_cut(); ++cut) {
    const BySeed left = run.by_seed(budget, line, cut);
    const BySeed right = other.by_seed(budget, other_line, other_line.mode.empty() ? 0 : cut);
    if (left.empty() || right.empty()) continue;
    ++cuts;
    for (const auto& [seed, accuracy] : left)
      if (const auto pair = right.find(seed); pair != right.end()) {
        left_sums[seed] += accuracy.value;
        right_sums[seed] += pair->second.value;
        ++counts[seed];
      }
  }
  std::vector<double> left, right;
  for (const auto& [seed, count] : counts) {
    if (count != cuts) continue;
    left.push_back(left_sums[seed] / static_cast<double>(cuts));
    right.push_back(right_sums[seed] / static_cast<double>(cuts));
  }
  return paired_difference(left, right);
}

// Differences of one comparison, summed up: corrected by Holm over all of them.
class Evidence {
 public:
  void add(const std::string& what, int64_t budget, const PairedDifference& difference) {
    if (difference.interval.n > 0) measured_.push_back({what, budget, difference});
  }
  bool empty() const { return measured_.empty(); }

  Comparison comparison(const std::string& what) const {
    std::vector<double> p;
    for (const Measured& one : measured_) p.push_back(one.difference.p);
    const std::vector<double> adjusted = holm(p);
    bool higher = false, lower = false;
    std::string text, last;
    for (size_t i = 0; i < measured_.size(); ++i) {
      const auto& [name, budget, difference] = measured_[i];
      if (adjusted[i] <= kLevel) (difference.interval.mean > 0 ? higher : lower) = true;
      text += name == last ? ", " : fmt::format("{}{}: ", text.empty() ? "" : "; ", name);
      text += fmt::format("{} (n {}, {}, Holm p {})", points(difference.interval),
                          difference.interval.n, budget_text(budget), p_text(adjusted[i]));
      last = name;
    }
    const Outcome outcome = higher && lower ? Outcome::kMixed
                            : higher        ? Outcome::kHigher
                            : lower         ? Outcome::kLower
                                            : Outcome::kUnclear;
    return {what, outcome, text + " points, of this one backbone."};
  }

 private:
  struct Measured {
    std::string name;
    int64_t budget;
    PairedDifference difference;
  };
  std::vector<Measured> measured_;
};

// The line whose kept stages stay as pretrained, else the first that starts from them.
Line plain_line(const TransferRun& run) {
  const auto lines = run.lines();
  for (const Line& line : lines)
    if (line.mode == "frozen") return line;
  for (const Line& line : lines)
    if (!line.control) return line;
  return {};
}

// Over the seeds that both have.
PairedDifference paired(const BySeed& a, const BySeed& b) {
  std::vector<double> differences;
  for (const auto& [seed, value] : statistics::minus(a, b)) differences.push_back(value.value);
  return paired_difference(differences, std::vector<double>(differences.size()));
}

Comparison first_over_last(const TransferRun& run) {
  const std::string what = "Keeping the first stage alone, against keeping all stages";
  const Line line = plain_line(run);
  Evidence evidence;
  if (run.last_cut() >= 2)
    for (const int64_t budget : run.budgets())
      evidence.add(line.mode, budget,
                   paired(run.by_seed(budget, line, 1), run.by_seed(budget, line, run.last_cut())));
  if (evidence.empty())
    return {what, Outcome::kNotMeasured, "It needs the first and the last cut in one mode."};
  return evidence.comparison(what);
}

// Of the hypothesis that the mean is not below 0; not small where it lies above.
double p_below(const PairedDifference& difference) {
  return difference.interval.mean < 0 ? difference.p : 1.0;
}

Comparison middle_below_ends(const TransferRun& run) {
  const std::string what = "A cut in the middle, against both the first and the last cut";
  const Line line = plain_line(run);
  std::vector<std::string> texts;
  std::vector<double> p;
  for (const int64_t budget : run.budgets())
    for (int64_t cut = 2; cut < run.last_cut(); ++cut) {
      const BySeed middle = run.by_seed(budget, line, cut);
      const auto to_first = paired(middle, run.by_seed(budget, line, 1));
      const auto to_last = paired(middle, run.by_seed(budget, line, run.last_cut()));
      if (to_first.interval.n == 0 || to_last.interval.n == 0) continue;
      // Both must be small: an intersection-union test, whose p is the larger.
      p.push_back(std::max(p_below(to_first), p_below(to_last)));
      texts.push_back(fmt::format("cut {}: {} against the first, {} against the last ({})", cut,
                                  points(to_first.interval), points(to_last.interval),
                                  budget_text(budget)));
    }
  if (p.empty())
    return {what, Outcome::kNotMeasured, "It needs the first, a middle and the last cut."};
  const std::vector<double> adjusted = holm(p);
  std::string seen;
  for (size_t i = 0; i < p.size(); ++i)
    if (adjusted[i] <= kLevel)
      seen +=
          fmt::format("{}{}, Holm p {}", seen.empty() ? "" : "; ", texts[i], p_text(adjusted[i]));
  if (seen.empty())
    return {what, Outcome::kUnclear,
            fmt::format("No middle cut ({}) lies clearly below both, of {} looked at.", line.mode,
                        p.size())};
  return {what, Outcome::kLower, seen + ". In points, of this one backbone."};
}

Comparison tuned_over_scratch(const TransferRun& run) {
  const std::string what = "Kept stages that are tuned, mean of all cuts, against random weights";
  Evidence evidence;
  for (const Line& line : run.lines()) {
    if (line.control) continue;
    Line control = line;
    control.source.clear();
    control.mode = "random_" + line.mode;
    control.control = true;
    for (const int64_t budget : run.budgets())
      if (run.find(budget, control, 1))
        evidence.add(fmt::format("{} minus {}", run.name_of(line), run.name_of(control)), budget,
                     mean_gain(budget, run, line, run, control));
      else if (line.mode != "frozen")
        evidence.add(fmt::format("{} minus scratch", run.name_of(line)), budget,
                     mean_gain(budget, run, line, run, {}));
  }
  if (evidence.empty())
    return {what, Outcome::kNotMeasured,
            "It needs a mode that tunes the kept stages and scratch, or a random control."};
  return evidence.comparison(what);
}

Comparison lower_rate(const TransferRun& run) {
  const std::string what = "A lower learning rate of the kept stages, against the full one";
  Evidence evidence;
  for (const Line& low : run.lines()) {
    if (low.mode != "tuned" || low.factor >= 1) continue;
    Line full = low;
    full.factor = 1;
    for (const int64_t budget : run.budgets())
      evidence.add(
          fmt::format("{} minus {}, mean of all cuts", run.name_of(low), run.name_of(full)), budget,
          mean_gain(budget, run, low, run, full));
  }
  if (!evidence.empty()) return evidence.comparison(what);
  return {what, Outcome::kNotMeasured,
          "It needs mode tuned with kept_lr_factor 1 and a lower one: transfer.kept_lr_factor=[1, "
          "0.1]."};
}

}  // namespace

std::string outcome_text(Outcome outcome) {
  constexpr const char* kTexts[] = {"higher", "lower", "mixed", "unclear", "not measured"};
  return kTexts[static_cast<int>(outcome)];
}

std::vector<Comparison> comparisons(const TransferRun& run) {
  return {first_over_last(run), middle_below_ends(run), tuned_over_scratch(run), lower_rate(run)};
}

}  // namespace espalier::report

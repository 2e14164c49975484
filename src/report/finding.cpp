#include "report/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/clock.h"
#include "report/numbers.h"
#include "report/verdict_text.h"
#include "statistics/choice.h"
#include "statistics/effects.h"

namespace espalier::report {
namespace {

using statistics::Choice;
using statistics::Evidence;

// "freeze them", "tune it at 0.1 of the rate".
std::string treatment_text(const TransferRun& run, const Row& row) {
  const Line& line = row.line;
  const std::string what = row.cut == 1 ? "it" : "them";
  if (line.mode == "frozen") return "freeze " + what;
  if (line.mode == "tuned" && line.factor == 1) return "tune " + what + " at the full rate";
  if (line.mode == "tuned") return fmt::format("tune {} at {} of the rate", what, line.factor);
  return "use mode " + run.name_of(line);
}

// "keep 2 of 4 stages (up to conv2) and freeze them"
std::string advice_text(const TransferRun& run, const Row& row) {
  return fmt::format("keep {} of {} stages (up to {}) and {}", row.cut, run.last_cut(), row.stage,
                     treatment_text(run, row));
}

// The row that shows the last cut: kept frozen if that was tried.
const Row* last_cut(const TransferRun& run, int64_t budget) {
  const Row* last = nullptr;
  for (const Line& line : run.lines()) {
    if (line.control || line.source != statistics::kOurs) continue;
    const Row* row = run.find(budget, line, run.last_cut());
    if (row && line.mode == "frozen") return row;
    if (!last) last = row;
  }
  return last;
}

std::string last_cut_text(const TransferRun& run, const Row& best) {
  const Row* last = last_cut(run, best.labels_per_class);
  if (!last || (last->cut == best.cut && last->line == best.line) ||
      std::isnan(last->difference.mean))
    return "";
  return fmt::format(" The last cut ({}, {}) is at {} points against scratch.", last->stage,
                     run.name_of(last->line), points(last->difference));
}

// Where no arm has two seeds: the highest value, and no selection.
std::string single_seed_finding(const TransferRun& run, int64_t budget) {
  const std::string with = "With " + budget_text(budget);
  const Row* highest = statistics::best_row(run.rows, budget, /*least_n=*/1);
  if (!highest) return with + " no cut has a finished cell yet.";
  const std::string gain = std::isnan(highest->difference.mean)
                               ? ""
                               : points(highest->difference) + " points against scratch, ";
  return fmt::format(
      "{} the highest of single values is after stage {} ({}), {}: {} ({}one seed {}). One seed "
      "gives no interval, so this is a direction and no evidence.",
      with, highest->cut, highest->stage, run.name_of(highest->line), percent(highest->accuracy),
      gain, scope_text(run));
}

// What labels are worth: how many scratch needs for the same, and up to how many this is better.
std::string labels_text(const TransferRun& run, const Row& best) {
  const auto whole = [](double labels) { return with_commas(std::llround(labels)); };
  const double saving =
      statistics::labels_of_scratch(run.cells, best.line, best.cut, best.labels_per_class);
  std::string text;
  if (saving > static_cast<double>(best.labels_per_class) && best.labels_per_class > 0)
    text = fmt::format(" Scratch needs about {} labels per class for the same.", whole(saving));
  const statistics::Crossover cross = statistics::crossover(run.cells, best.line, best.cut);
  if (std::isnan(cross.labels)) return text;
  text += fmt::format(" It is above scratch up to about {} labels per class", whole(cross.labels));
  if (!std::isnan(cross.ends.low))
    text += fmt::format(" ({} to {})", whole(cross.ends.low), whole(cross.ends.high));
  return text + ".";
}

enum class Worth { kYes, kNo, kOpen };

Worth worth_of(const Choice& choice) {
  if (choice.ends.low > 0) return Worth::kYes;
  return choice.ends.high < 0 ? Worth::kNo : Worth::kOpen;
}

std::string rivals_text(const TransferRun& run, const Choice& choice) {
  const int64_t as_good = choice.as_good();
  if (as_good < 2) return "";
  std::string text = fmt::format(" {} of {} arms are as good", as_good, choice.candidates.size());
  if (choice.smallest != choice.best)
    text += fmt::format("; to keep less, {}", advice_text(run, choice.smallest_row()));
  return text + ".";
}

std::string budget_finding(const TransferRun& run, const Choice& choice, int64_t budget) {
  if (choice.candidates.empty()) return single_seed_finding(run, budget);
  const Row& best = choice.best_row();
  const std::string with = "With " + budget_text(budget);
  const Row* scratch = run.scratch(budget);
  if (!scratch || std::isnan(choice.gain))
    return fmt::format(
        "{} the best arm is to {}: {} ({} {}). Training from scratch has no finished cells of "
        "these seeds, so the gain is not known.",
        with, advice_text(run, best), percent(best.accuracy), counted(best.accuracy.n, "seed"),
        scope_text(run));
  const std::string numbers =
      fmt::format("{} points against training from scratch ({} to {}; {} against {}, {} {})",
                  points(choice.gain), points(choice.ends.low), points(choice.ends.high),
                  percent(best.accuracy.mean), percent(scratch->accuracy.mean),
                  counted(best.difference.n, "seed"), scope_text(run));
  switch (worth_of(choice)) {
    case Worth::kYes:
      return fmt::format("{}, {}: {}.{}{}{}", with, advice_text(run, best), numbers,
                         rivals_text(run, choice), labels_text(run, best),
                         last_cut_text(run, best));
    case Worth::kNo:
      return fmt::format("{}, train from scratch: the best of {} arms, to {}, is at {}.", with,
                         choice.candidates.size(), advice_text(run, best), numbers);
    case Worth::kOpen:
      break;
  }
  return fmt::format("{} no gain is shown: the best of {} arms, to {}, is at {}.{}{}", with,
                     choice.candidates.size(), advice_text(run, best), numbers,
                     best.equivalence_p <= kLevel
                         ? " It is within 1 point of scratch."
                         : " The interval includes 0, so this is no evidence of a gain.",
                     last_cut_text(run, best));
}

// "10, 50 labels per class", "90 % of all labels".
std::string budgets_text(const std::vector<int64_t>& budgets) {
  std::string numbers;
  for (const int64_t budget : budgets)
    if (budget != budgets.back()) numbers += with_commas(budget) + ", ";
  return numbers + budget_text(budgets.back());
}

// "yes with 10 labels per class; not shown with 50, 200 labels per class"
std::string worth_text(const TransferRun& run, const std::vector<Choice>& choices) {
  std::map<Worth, std::vector<int64_t>> with;
  const auto budgets = run.budgets();
  for (size_t i = 0; i < budgets.size(); ++i)
    if (!std::isnan(choices[i].ends.low)) with[worth_of(choices[i])].push_back(budgets[i]);
  std::string text;
  const auto add = [&](Worth worth, const std::string& answer) {
    if (with.contains(worth))
      text += (text.empty() ? "" : "; ") + answer + budgets_text(with[worth]);
  };
  add(Worth::kYes, "yes with ");
  add(Worth::kOpen, "not shown with ");
  add(Worth::kNo, "no with ");
  return text;
}

std::string sources_text(const TransferRun& run) {
  std::string text, last;
  for (const Evidence& one : statistics::against_sources(run.cells, run.rows)) {
    text += one.what == last ? "; "
                             : fmt::format("{} Against {}, mean of the arms that both have: ",
                                           last.empty() ? "" : ".", one.what);
    text += fmt::format("{} points ({}, Holm p {})", points(one.difference.interval),
                        budget_text(one.labels_per_class), p_text(one.holm_p));
    last = one.what;
  }
  return last.empty() ? "" : text + ".";
}

std::string answer(const TransferRun& run, const std::vector<Choice>& choices) {
  const std::string worth = worth_text(run, choices);
  if (worth.empty()) return "";
  const statistics::Verdicts verdicts = statistics::judge(run.cells, run.rows);
  std::string scope = scope_text(run);
  scope[0] = 'O';
  std::string text = "Is the pretraining worth it? ";
  if (!verdicts.gate.empty() && !verdicts.told_apart)
    text += "That is not shown, whatever an arm gains. ";
  text += fmt::format("{}, against training from scratch: {}.{} ", scope, worth, sources_text(run));
  return text + gate_answer(verdicts);
}

// What was chosen among how many, and what the intervals hold.
std::string care_text(const TransferRun& run, const std::vector<Choice>& choices) {
  size_t arms = 0;
  for (const Choice& choice : choices) arms = std::max(arms, choice.candidates.size());
  if (arms < 2) return "";
  std::string text = fmt::format(
      "A best arm is selected: it is the highest of {} means of the test set. Its gain is "
      "therefore measured at seeds that had no part in the choice, and the interval is corrected "
      "for it and for the number of label budgets; p values are corrected by Holm over the {} of "
      "the sweep. From seed to seed the labelled images, their order, the fresh weights and the "
      "random controls change.",
      arms, counted(statistics::comparisons_corrected(run.rows), "comparison"));
  text += scope_text(run) == "of this one backbone"
              ? " The pretraining seed does not: intervals are of this one backbone. Only verdicts "
                "have a wider one, for another backbone of its kind."
              : " The pretraining seed changes too: intervals take the mean of a backbone as one "
                "value.";
  if (std::ranges::any_of(run.arms, [](const Arm& arm) { return arm.settings.size() > 1; }))
    text +=
        " Rate and steps are chosen by held-out training images, once for all seeds, by an arm and "
        "its controls together; the luck of that choice is in no interval against scratch.";
  return text;
}

std::string waiting_text(const TransferRun& run) {
  const auto all = static_cast<int64_t>(run.cells.size());
  return fmt::format("The sweep has not ended: {} of {} have a result, and only they are shown.",
                     with_commas(all - run.waiting()), counted(all, "cell"));
}

// "2 of 195 cells ended without a value (1 diverged, 1 failed)..."
std::string holes_text(const TransferRun& run) {
  std::map<std::string, int64_t> counts;
  for (const Cell& cell : run.cells)
    if (!cell.done() && !cell.waiting())
      ++counts[cell.status.empty() ? "without a status" : cell.status];
  std::string by_status;
  for (const auto& [status, count] : counts)
    by_status += fmt::format("{}{} {}", by_status.empty() ? "" : ", ", count, status);
  return fmt::format(
      "{} of {} gave no result ({}): left out of every mean, crosses in the figures.", run.holes(),
      counted(static_cast<int64_t>(run.cells.size()), "cell"), by_status);
}

std::string stuck_text(int64_t stuck) {
  return fmt::format("{} ended at chance (stuck): the means hold them, and the table counts them.",
                     counted(stuck, "cell"));
}

}  // namespace

std::vector<std::string> findings(const TransferRun& run) {
  std::vector<std::string> paragraphs;
  std::vector<Choice> choices;
  const auto add = [&](const std::string& text) {
    if (!text.empty()) paragraphs.push_back(text);
  };
  for (const int64_t budget : run.budgets())
    choices.push_back(statistics::choose(run.cells, run.rows, budget));
  add(answer(run, choices));
  for (size_t i = 0; i < choices.size(); ++i)
    add(budget_finding(run, choices[i], run.budgets()[i]));
  if (paragraphs.empty() && run.waiting() == 0) add("Nothing is known of the cells of this sweep.");
  if (run.waiting() > 0) add(waiting_text(run));
  add(care_text(run, choices));
  if (run.holes() > 0) add(holes_text(run));
  if (const auto stuck = std::ranges::count_if(run.cells, &Cell::stuck); stuck > 0)
    add(stuck_text(stuck));
  return paragraphs;
}

std::string finding(const PretrainRun& run) {
  const Scalar* loss = run.find("loss");
  if (!loss || loss->values.empty()) return run.name + " has logged no loss yet.";
  std::string text = fmt::format("{}: {}, the loss went from {} to {}", run.name,
                                 counted(std::llround(loss->steps.back()), "step"),
                                 compact(loss->values.front()), compact(loss->values.back()));
  for (const Scalar& scalar : run.scalars) {
    if (!scalar.name.ends_with("accuracy")) continue;
    text += fmt::format("; {} is {} at the end", scalar.name, percent(scalar.values.back()));
    if (scalar.steps.front() == 0 && scalar.steps.size() > 1)
      text += fmt::format(", {} of the untrained network", percent(scalar.values.front()));
  }
  text += ".";
  const std::string prefix = "warning_";
  for (const Scalar& scalar : run.scalars)
    if (scalar.name.starts_with(prefix))
      text += fmt::format(" It was warned of {} after step {} (see log.txt).",
                          scalar.name.substr(prefix.size()), compact(scalar.steps.front()));
  return text;
}

}  // namespace espalier::report

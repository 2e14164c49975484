#include "report/verdict_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/numbers.h"

namespace espalier::report {
namespace {

using statistics::Evidence;
using statistics::Statement;
using statistics::Verdict;
using statistics::Verdicts;

// "stage 2 (conv2)"
std::string stage_text(const TransferRun& run, int64_t cut) {
  return fmt::format("stage {} ({})", cut, run.stages[static_cast<size_t>(cut - 1)]);
}

std::string number_text(const Evidence& one) {
  return fmt::format("{} points ({}, Holm p {})", points(one.difference.interval),
                     budget_text(one.labels_per_class), p_text(one.holm_p));
}

std::string numbers_text(const std::vector<Evidence>& evidence) {
  std::string text;
  for (const Evidence& one : evidence) text += (text.empty() ? "" : "; ") + number_text(one);
  return text;
}

bool has_one_backbone(const Statement& statement) {
  return statement.evidence.at(0).difference.clusters == 1;
}

// What would decide an open statement.
std::string open_text(const Verdicts& verdicts, const Statement& statement) {
  const std::string more = has_one_backbone(statement)
                               ? "Pretrain two more with other seeds and give all to --backbone: "
                                 "one backbone leaves the "
                                 "interval wide."
                               : "More backbones narrow the interval.";
  if (verdicts.gate.empty())
    return "Run random_frozen and random_tuned too: nothing shows that this backbone differs from "
           "an "
           "untrained one.";
  if (!verdicts.told_apart)
    return "Draw no conclusion from this sweep. Pretrain longer or on more images. " + more;
  return more;
}

struct Words {
  const char *statement, *needs, *supported, *contradicted;
};

std::vector<std::string> row_of(const Verdicts& verdicts, const Statement& statement,
                                const Words& words, const std::string& measured,
                                const std::string& supported) {
  std::string now;
  switch (statement.verdict) {
    case Verdict::kSupported:
      now = supported;
      break;
    case Verdict::kContradicted:
      now = words.contradicted;
      break;
    case Verdict::kUndecided:
      now = open_text(verdicts, statement);
      break;
    case Verdict::kNotMeasured:
      now = words.needs;
      break;
  }
  return {words.statement, name_of(statement.verdict),
          statement.verdict == Verdict::kNotMeasured ? "–" : measured, now};
}

std::vector<std::string> general_row(const TransferRun& run, const Verdicts& verdicts) {
  const Words words = {
      "First layers are general, last layers specific",
      "Run frozen and random_frozen at two cuts or more.", "",
      "Choose the cut by its accuracy: what training gave to the last stages is of use "
      "here too."};
  if (verdicts.general.evidence.empty()) return row_of(verdicts, verdicts.general, words, "", "");
  const std::string first = stage_text(run, verdicts.first), last = stage_text(run, verdicts.last);
  return row_of(verdicts, verdicts.general, words,
                fmt::format("What frozen stages give over random ones, after {} less after {}: {}. "
                            "Frozen stages alone, the same: {}.",
                            first, last, numbers_text(verdicts.general.evidence),
                            numbers_text(verdicts.fall)),
                "Keep the first stages and draw the last ones anew. Keep more of them only for a "
                "task that is "
                "closer to the pretraining than this one.");
}

std::vector<std::string> fragile_row(const TransferRun& run, const Verdicts& verdicts) {
  const Statement& fragile = verdicts.fragile;
  const Words words = {
      "A cut in the middle is fragile", "Run frozen and random_frozen at three cuts or more.", "",
      "Choose the cut by its accuracy: none in the middle loses more than 1 point to "
      "both ends."};
  std::string low;
  std::set<int64_t> cuts;
  for (const Evidence& one : fragile.evidence)
    if (one.holm_p <= kLevel) {
      low += fmt::format("{}after {}: {}", low.empty() ? "" : "; ", stage_text(run, one.cut),
                         number_text(one));
      cuts.insert(one.cut);
    }
  std::string avoid;
  for (const int64_t cut : cuts) avoid += (avoid.empty() ? "" : ", ") + stage_text(run, cut);
  const std::string measured =
      low.empty()
          ? fmt::format("{} looked at, none clearly below both the first and the last cut.",
                        counted(static_cast<int64_t>(fragile.evidence.size()), "middle cut"))
          : fmt::format("Below both the first and the last cut, against the nearer: {}.", low);
  return row_of(
      verdicts, fragile, words, measured,
      fmt::format("Do not cut after {}. Cut before or after it, or tune the kept stages.", avoid));
}

std::vector<std::string> better_row(const Verdicts& verdicts) {
  return row_of(verdicts, verdicts.better,
                {"Pretrained weights are better than random ones",
                 "Run tuned, and random_tuned or kept_lr_factor 1, whose control is scratch.", "",
                 "Train from scratch: keeping these weights is worse than random ones."},
                fmt::format("Tuned, less the same from random weights, mean of all cuts: {}.",
                            numbers_text(verdicts.better.evidence)),
                "Start from this backbone.");
}

std::vector<std::string> rate_row(const TransferRun& run, const Verdicts& verdicts) {
  std::set<double> lower;
  for (const Line& line : run.lines())
    if (line.mode == "tuned" && line.source == statistics::kOurs && line.factor < 1)
      lower.insert(line.factor);
  return row_of(
      verdicts, verdicts.lower_rate,
      {"A lower rate for kept weights helps", "Run tuned with transfer.kept_lr_factor=[1, 0.1].",
       "", "Tune the kept stages at the full rate: transfer.kept_lr_factor=1."},
      fmt::format("Tuned at the lower rate, less tuned at the full rate, mean of all cuts: {}.",
                  numbers_text(verdicts.lower_rate.evidence)),
      lower.size() == 1
          ? fmt::format("Tune the kept stages with transfer.kept_lr_factor={}.", *lower.begin())
          : "Tune the kept stages at a lower rate; validation chooses which.");
}

}  // namespace

std::string name_of(Verdict verdict) {
  constexpr const char* kNames[] = {"supported", "contradicted", "undecided", "not measured"};
  return kNames[static_cast<int>(verdict)];
}

std::string scope_text(const TransferRun& run) {
  std::set<int64_t> backbones;
  for (const Cell& cell : run.cells)
    if (cell.source == statistics::kOurs) backbones.insert(cell.backbone);
  return backbones.size() > 1 ? fmt::format("of {} backbones", backbones.size())
                              : "of this one backbone";
}

std::string gate_answer(const Verdicts& verdicts) {
  if (verdicts.gate.empty())
    return "No control with random weights was run at the same rate and steps, so nothing here "
           "tells "
           "the backbone from an untrained one (try: random_frozen and random_tuned in "
           "transfer.modes).";
  return verdicts.told_apart ? "This backbone can be told from an untrained one."
                             : "This backbone cannot be told from an untrained one, so no "
                               "statement gets a verdict.";
}

std::string gate_text(const Verdicts& verdicts) {
  std::string text = gate_answer(verdicts), last;
  for (const Evidence& one : verdicts.gate) {
    text += one.what == last ? "; "
                             : fmt::format(
                                   "{} Mean of all cuts, {} less the same from random "
                                   "weights: ",
                                   last.empty() ? "" : ".", one.what);
    text += number_text(one);
    last = one.what;
  }
  return text + (last.empty() ? "" : ".");
}

Table verdict_table(const TransferRun& run, const Verdicts& verdicts) {
  Table table{{{"Statement"}, {"Verdict"}, {"Measured"}, {"What to do now"}}, {}};
  for (auto& cells : {general_row(run, verdicts), fragile_row(run, verdicts), better_row(verdicts),
                      rate_row(run, verdicts)})
    table.rows.push_back({cells});
  return table;
}

}  // namespace espalier::report

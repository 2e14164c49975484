#include "transfer/sweep/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "report/finding.h"
#include "report/numbers.h"
#include "report/verdict_text.h"
#include "statistics/choice.h"
#include "statistics/effects.h"

namespace espalier::transfer {
namespace {

using report::TransferRun;
using statistics::Cell;
using statistics::Estimate;
using statistics::Evidence;
using statistics::Interval;
using statistics::Line;
using statistics::Row;

// A number for CSV: nothing where it is not known.
std::string csv(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }

// "70.6 ± 1.0 %  (+3.5 ± 2.0)  n 4, 1 diverged"
std::string entry(const Row& row) {
  std::string text = row.accuracy.n > 0 ? report::percent(row.accuracy) : "-";
  if (std::isfinite(row.difference.mean))
    text += fmt::format("  ({})", report::points(row.difference));
  text += fmt::format("  n {}", row.accuracy.n);
  if (row.failed > 0) text += fmt::format(", {} diverged", row.failed);
  if (row.stuck > 0) text += fmt::format(", {} stuck", row.stuck);
  return text;
}

// What the star of a block means.
std::string footnote(const TransferRun& run, int64_t budget) {
  const Row* best = run.best(budget);
  if (best == nullptr) return "  too few seeds for an interval or a p value\n";
  std::string text = fmt::format("  * highest of {} means and so selected; ",
                                 statistics::means_compared(run.rows, budget));
  if (std::isnan(best->holm_p)) return text + "scratch has too few seeds for a difference\n";
  return text + fmt::format("against scratch {} points, p {} ({} by Holm for {})\n",
                            report::points(best->difference), report::p_text(best->p),
                            report::p_text(best->holm_p),
                            statistics::comparisons_corrected(run.rows));
}

std::string wrapped(const std::string& text) {
  constexpr size_t kWidth = 100;
  std::istringstream words(text);
  std::string out, line, word;
  while (words >> word) {
    if (!line.empty() && line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + line + "\n";
}

Json json_of(const Line& line) {
  return {{"source", line.source},
          {"mode", line.mode},
          {"kept_lr_factor", line.factor},
          {"head", line.head},
          {"control", line.control}};
}

Json json_of(const Row& row) {
  Json json = json_of(row.line);
  json.update({{"cut", row.cut},
               {"stage", row.stage},
               {"labels_per_class", row.labels_per_class},
               {"lr", row.lr},
               {"steps", row.steps},
               {"validation", row.validation},
               {"backbones", row.backbones},
               {"n", row.accuracy.n},
               {"mean", row.accuracy.mean},
               {"half_width", row.accuracy.half_width},
               {"diff_mean", row.difference.mean},
               {"diff_half_width", row.difference.half_width},
               {"p", row.p},
               {"holm_p", row.holm_p},
               {"sign_flip_p", row.sign_flip_p},
               {"equivalence_p", row.equivalence_p},
               {"diff_n", row.difference.n},
               {"balanced_accuracy", row.balanced_accuracy},
               {"macro_f1", row.macro_f1},
               {"diverged", row.failed},
               {"stuck", row.stuck}});
  return json;
}

Json json_of(const Estimate& estimate, double holm_p) {
  return {{"mean", estimate.interval.mean},
          {"half_width", estimate.interval.half_width},
          {"n", estimate.interval.n},
          {"backbones", estimate.clusters},
          {"p", estimate.p},
          {"holm_p", holm_p}};
}

Json json_of(const std::vector<Evidence>& list) {
  Json all = Json::array();
  for (const Evidence& one : list) {
    Json json = {{"what", one.what}, {"labels_per_class", one.labels_per_class}, {"cut", one.cut}};
    json.update(json_of(one.difference, one.holm_p));
    all.push_back(json);
  }
  return all;
}

Json json_of(const statistics::Statement& statement) {
  return {{"verdict", report::name_of(statement.verdict)},
          {"evidence", json_of(statement.evidence)}};
}

Json verdicts_json(const TransferRun& run) {
  const statistics::Verdicts verdicts = statistics::judge(run.cells, run.rows);
  return {{"told_apart_from_untrained", verdicts.told_apart},
          {"gate", json_of(verdicts.gate)},
          {"first_layers_general", json_of(verdicts.general)},
          {"frozen_first_less_last", json_of(verdicts.fall)},
          {"middle_cut_fragile", json_of(verdicts.fragile)},
          {"pretrained_better", json_of(verdicts.better)},
          {"lower_rate_helps", json_of(verdicts.lower_rate)}};
}

Json best_json(const TransferRun& run, int64_t budget) {
  const statistics::Choice choice = statistics::choose(run.cells, run.rows, budget);
  if (choice.candidates.empty()) return nullptr;
  Json json = json_of(choice.best_row()), as_good = Json::array();
  for (const auto& [row, good, frequency] : choice.candidates) {
    if (!good) continue;
    Json arm = json_of(row.line);
    arm.update({{"cut", row.cut}, {"frequency", frequency}});
    as_good.push_back(arm);
  }
  json.update({{"chosen_among", choice.candidates.size()},
               {"gain", choice.gain},
               {"gain_low", choice.ends.low},
               {"gain_high", choice.ends.high},
               {"smallest_cut", choice.smallest_row().cut},
               {"as_good", as_good}});
  return json;
}

Json effects_json(const TransferRun& run) {
  Json all = Json::array();
  for (const statistics::Effect& effect : statistics::effects(run.cells, run.rows)) {
    Json json = {{"effect", effect.name},
                 {"labels_per_class", effect.labels_per_class},
                 {"cut", effect.cut}};
    json.update(json_of(effect.line));
    json.update(json_of(effect.difference, effect.holm_p));
    all.push_back(json);
  }
  return all;
}

}  // namespace

std::string cells_csv(const std::vector<Cell>& cells) {
  std::string text =
      "id,source,mode,kept_lr_factor,head,cut,stage,labels_per_class,seed,backbone,lr,steps,"
      "accuracy,loss,seconds,stuck,status\n";
  for (const Cell& cell : cells)
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{:d},{}\n", cell.id, cell.source,
                    cell.mode, cell.factor, cell.head, cell.cut, cell.stage, cell.labels_per_class,
                    cell.seed, cell.backbone, csv(cell.lr), cell.steps, csv(cell.accuracy),
                    csv(cell.loss), csv(cell.seconds), cell.stuck, cell.status);
  return text;
}

std::string summary_csv(const std::vector<Row>& rows) {
  std::string text =
      "source,mode,kept_lr_factor,head,control,cut,stage,labels_per_class,lr,steps,validation,"
      "backbones,n,mean,half_width,diff_mean,diff_half_width,p,holm_p,sign_flip_p,equivalence_p,"
      "diff_n,balanced_accuracy,macro_f1,diverged,stuck\n";
  for (const Row& row : rows) {
    const Line& line = row.line;
    text +=
        fmt::format("{},{},{},{},{:d},{},{},{},{},{},{},{},", line.source, line.mode, line.factor,
                    line.head, line.control, row.cut, row.stage, row.labels_per_class, csv(row.lr),
                    row.steps, csv(row.validation), row.backbones);
    text += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", row.accuracy.n, csv(row.accuracy.mean),
        csv(row.accuracy.half_width), csv(row.difference.mean), csv(row.difference.half_width),
        csv(row.p), csv(row.holm_p), csv(row.sign_flip_p), csv(row.equivalence_p), row.difference.n,
        csv(row.balanced_accuracy), csv(row.macro_f1), row.failed, row.stuck);
  }
  return text;
}

Json summary_json(const TransferRun& run) {
  Json all = Json::array(), best = Json::array();
  for (const Row& row : run.rows) all.push_back(json_of(row));
  for (const int64_t budget : run.budgets())
    if (Json json = best_json(run, budget); !json.is_null()) best.push_back(std::move(json));
  return {{"stages", run.stages},
          {"classes", run.classes},
          {"chance", run.chance},
          {"rows", all},
          {"best", best},
          {"against_sources", json_of(statistics::against_sources(run.cells, run.rows))},
          {"effects", effects_json(run)},
          {"verdicts", verdicts_json(run)},
          {"findings", report::findings(run)}};
}

std::string summary_table(const TransferRun& run) {
  std::string text = fmt::format(
      "Test accuracy (difference to scratch in points), 95 % t intervals over n seeds "
      "{}\n",
      report::scope_text(run));
  for (const int64_t budget : run.budgets()) {
    text += "\n" + report::budget_text(budget) + "\n";
    for (const Row& row : run.rows) {
      if (row.labels_per_class != budget) continue;
      text += fmt::format("  {:<16}  {:<28}  {}{}\n",
                          fmt::format("{} {}", row.cut, row.cut > 0 ? row.stage : "scratch"),
                          row.cut > 0 ? run.name_of(row.line) : "", entry(row),
                          &row == run.best(budget) ? " *" : "");
    }
    text += footnote(run, budget);
  }
  for (const std::string& finding : report::findings(run)) text += "\n" + wrapped(finding);
  text += "\n";
  for (const auto& row : report::verdict_table(run, statistics::judge(run.cells, run.rows)).rows)
    text += wrapped(fmt::format("{}: {}. {}", row.cells[0], row.cells[1], row.cells[3]));
  return text;
}

}  // namespace espalier::transfer

// The sweep on the page: what it says, its figures, its tables.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/evidence.h"
#include "report/figures/figures.h"
#include "report/numbers.h"
#include "report/sections.h"
#include "report/verdict_text.h"

namespace espalier::report {
namespace {

std::string holes_table(const TransferRun& run) {
  if (run.holes() == 0) return "";
  Table table{
      {{"Cell"}, {"Status"}, {"Mode"}, {"Cut", true}, {"Labels per class", true}, {"Seed", true}},
      {}};
  for (const Cell& cell : run.cells)
    if (!cell.done() && !cell.waiting())
      table.rows.push_back(
          {{cell.id, cell.status, run.name_of(cell.line()), std::to_string(cell.cut),
            budget_number(cell.labels_per_class), std::to_string(cell.seed)}});
  return fmt::format("<details><summary>{} without a result</summary>{}</details>\n",
                     counted(run.holes(), "cell"), to_html(table));
}

std::string about(const TransferRun& run) {
  std::string text =
      fmt::format("{}, {} tried", counted(static_cast<int64_t>(run.cells.size()), "cell"),
                  counted(run.last_cut(), "cut"));
  if (!run.classes.empty()) text += fmt::format(", {} classes", run.classes.size());
  if (!std::isnan(run.chance)) text += fmt::format(", chance is {}", percent(run.chance));
  text += ". Test images are read once per cell, after its training.";
  const auto budgets = run.budgets();
  if (std::ranges::find(budgets, 0) != budgets.end())
    text += " \"All labels\" trains on 90 % of them; the other tenth only draws the curve.";
  return text + run.labels_note;
}

// A part of the section, left out where it has no figures.
std::string part(Headings& headings, const std::string& heading,
                 const std::vector<Figure>& figures) {
  return figures.empty() ? "" : headings.add(heading) + figure_grid(figures);
}

std::string verdicts(const TransferRun& run) {
  const statistics::Verdicts verdicts = statistics::judge(run.cells, run.rows);
  return paragraph(gate_text(verdicts), "lead") + to_html(verdict_table(run, verdicts)) +
         paragraph(
             "A verdict is clear at the 5 % level after Holm's correction over label budgets. "
             "Intervals are for another backbone of its kind.",
             "lead");
}

// Tables that answer what a reader asks next; closed, and left out where they are empty.
std::string tables(const Look& look) {
  const TransferRun& run = look.run();
  std::string out;
  const auto add = [&](const std::string& heading, const Table& table) {
    if (!table.rows.empty()) out += folded(heading, to_html(table));
  };
  add(counted(static_cast<int64_t>(run.rows.size()), "arm"), summary_table(run));
  add("Which arms are as good as the best", choice_table(run));
  add("Differences between arms that have a name", effect_table(run));
  add("Interval over seeds and test images", prediction_table(run));
  if (std::ranges::any_of(run.arms, [](const Arm& arm) { return arm.settings.size() > 1; }))
    add("Settings of the arms, by accuracy on training images that were held out",
        settings_table(look));
  out += holes_table(run);
  return out +
         paragraph("Mean ± half width of the 95 % interval over n seeds " + scope_text(run) +
                       ". Minus scratch: over the pairs of equal seed. Holm p: corrected for all "
                       "comparisons of the sweep. Diverged cells are in no mean, stuck ones are.",
                   "lead");
}

}  // namespace

Table summary_table(const TransferRun& run) {
  std::vector<const Row*> rows;
  for (const Row& row : run.rows) rows.push_back(&row);
  return rows_table(Look(run, {}), rows);
}

std::string verdict_markdown(const TransferRun& run) {
  return to_markdown(verdict_table(run, statistics::judge(run.cells, run.rows)));
}

std::string transfer_section(const TransferRun& run, const std::vector<TransferRun>& all,
                             Headings& headings) {
  const Look look(run, all);
  // Where there are several sweeps, every heading says of which.
  const std::string of = all.size() > 1 ? ": " + run.name : "";
  std::string out =
      headings.add("Transfer: " + run.name) + paragraph(about(run), "lead") + leak_section(run);
  if (run.rows.empty()) return out;
  out += headings.add("Four statements" + of) + verdicts(run);
  std::vector<Figure> cuts;
  const Range gains = gain_range(all);
  for (const int64_t budget : run.budgets())
    for (Figure& figure : cut_figures(look, budget, gains)) cuts.push_back(std::move(figure));
  out += part(headings, "Every run, over the cut" + of, cuts);
  out += part(headings, "What labels are worth" + of, label_figures(look));
  out += part(headings, "All arms at a glance" + of, gain_maps(look));
  out += part(headings, "The rate of kept stages" + of, factor_figures(look));
  out += part(headings, "Learning curves" + of, curve_figures(look));
  out += part(headings, "Classes" + of, class_figures(look));
  out += headings.add("All numbers" + of) + tables(look) + figure_grid(cost_figures(look));
  return out;
}

std::string sweeps_section(const std::vector<TransferRun>& all, Headings& headings) {
  if (all.size() < 2) return "";
  return headings.add("Sweeps beside each other") + to_html(sweeps_table(all)) +
         paragraph(
             "A gain free of selection: each seed in turn is left out, the arm is chosen by "
             "the others, and its gain is read at the seed left out.",
             "lead") +
         figure_grid(sweep_figures(all));
}

}  // namespace espalier::report

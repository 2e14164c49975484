// The sweep on the page: what it found, its figures, its tables.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/figures/figures.h"
#include "report/numbers.h"
#include "report/practice.h"
#include "report/sections.h"

namespace espalier::report {
namespace {

Table comparison_table(const TransferRun& run) {
  Table table{{{"Comparison"}, {"Here"}, {"Measured"}}, {}};
  for (const Comparison& one : comparisons(run))
    table.rows.push_back({{one.what, outcome_text(one.outcome), one.evidence}});
  return table;
}

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
  if (run.backbones.size() > 1)
    text += fmt::format(
        " {} backbones of different pretraining seeds: intervals are about "
        "pretraining in general.",
        run.backbones.size());
  const auto budgets = run.budgets();
  if (std::ranges::find(budgets, 0) != budgets.end())
    text += " \"All labels\" trains on 90 % of them; the other tenth only draws the curve.";
  return text;
}

// A part of the section, left out where it has no figures.
std::string part(Headings& headings, const std::string& heading,
                 const std::vector<Figure>& figures) {
  return figures.empty() ? "" : headings.add(heading) + figure_grid(figures);
}

std::string tables(const Look& look) {
  const TransferRun& run = look.run();
  std::string out =
      folded(counted(static_cast<int64_t>(run.rows.size()), "arm"), to_html(summary_table(run)));
  out += paragraph(
      "Mean ± half width of the 95 % interval over n seeds. Minus scratch: over the pairs of equal "
      "seed. Holm p: corrected for all comparisons of the sweep. Diverged cells are in no mean, "
      "stuck ones are.",
      "lead");
  if (std::ranges::any_of(run.arms, [](const Arm& arm) { return arm.settings.size() > 1; }))
    out += folded("Settings of the arms, by accuracy on training images that were held out",
                  to_html(settings_table(look)));
  return out + holes_table(run);
}

}  // namespace

Table summary_table(const TransferRun& run) {
  std::vector<const Row*> rows;
  for (const Row& row : run.rows) rows.push_back(&row);
  return rows_table(Look(run, {}), rows);
}

std::string comparison_markdown(const TransferRun& run) {
  return to_markdown(comparison_table(run));
}

std::string transfer_section(const TransferRun& run, const std::vector<TransferRun>& all,
                             Headings& headings) {
  const Look look(run, all);
  // Where there are several sweeps, every heading says of which.
  const std::string of = all.size() > 1 ? run.name + ": " : "";
  std::string out = headings.add("Transfer: " + run.name) + paragraph(about(run), "lead");
  if (run.rows.empty()) return out;
  out += to_html(comparison_table(run));
  std::vector<Figure> cuts;
  const Range gains = gain_range(all);
  for (const int64_t budget : run.budgets())
    for (Figure& figure : cut_figures(look, budget, gains)) cuts.push_back(std::move(figure));
  out += part(headings, of + "every run, over the cut", cuts);
  out += part(headings, of + "what labels are worth", label_figures(look));
  out += part(headings, of + "all arms at a glance", gain_maps(look));
  out += part(headings, of + "the rate of kept stages", factor_figures(look));
  out += part(headings, of + "learning curves", curve_figures(look));
  out += part(headings, of + "classes", class_figures(look));
  out += headings.add(of + "all numbers") + tables(look) + figure_grid(cost_figures(look));
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

#include "report/figures/history_figures.h"

#include "report/figures/curve_series.h"

namespace espalier::report {
namespace {

bool is_validation(const std::string& name) { return name.starts_with("val"); }

std::string name_of(const std::string& name, const std::string& ending) {
  if (name == ending) return "training";
  return is_validation(name) ? "validation" : name;
}

// Training and validation have their colours in every figure.
int slot_of(const std::string& name, const std::string& ending, int others) {
  return name == ending ? 1 : is_validation(name) ? 2 : 2 + others;
}

void add_figure(const std::vector<Scalar>& scalars, const std::string& heading,
                const std::string& ending, double scale, std::vector<Figure>& figures) {
  Chart chart{.title = heading + " over steps",
              .x = {.label = "step"},
              .y = {.label = heading, .scale = scale}};
  int others = 0;
  for (const Scalar& scalar : scalars) {
    if (!scalar.name.ends_with(ending) || scalar.values.empty()) continue;
    const bool other = scalar.name != ending && !is_validation(scalar.name);
    others += other;
    for (Series& series :
         curve_series(name_of(scalar.name, ending), slot_of(scalar.name, ending, others), scalar))
      chart.series.push_back(std::move(series));
  }
  if (!chart.series.empty()) figures.push_back({heading, svg(chart), curves_text(chart.series)});
}

}  // namespace

std::vector<Figure> history_figures(const std::vector<Scalar>& scalars) {
  std::vector<Figure> figures;
  add_figure(scalars, "Loss", "loss", 1, figures);
  add_figure(scalars, "Accuracy, %", "accuracy", 100, figures);
  return figures;
}

}  // namespace espalier::report

// The pretraining on the page: loss, accuracies, speed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/clock.h"
#include "report/figures/curve_series.h"
#include "report/html.h"
#include "report/numbers.h"
#include "report/sections.h"

namespace espalier::report {
namespace {

void add_curves(const std::vector<PretrainRun>& runs, const std::string& heading,
                const std::string& label, double scale, const auto& wanted,
                std::vector<Figure>& figures) {
  Chart chart{.title = heading, .x = {.label = "step"}, .y = {.label = label, .scale = scale}};
  int slot = 0;
  for (const PretrainRun& run : runs)
    for (const Scalar& scalar : run.scalars)
      if (wanted(scalar.name))
        for (Series& series :
             curve_series(runs.size() > 1 ? run.name + " " + scalar.name : scalar.name, ++slot,
                          scalar, run.find(scalar.name + "_low"), run.find(scalar.name + "_high")))
          chart.series.push_back(std::move(series));
  if (!chart.series.empty()) figures.push_back({heading, svg(chart), curves_text(chart.series)});
}

// What the hook `health` measures. RankMe's bound is left out: it may be far above all else.
void add_health(const std::vector<PretrainRun>& runs, std::vector<Figure>& figures) {
  const auto one_of = [](std::vector<std::string> names) {
    return [names = std::move(names)](const std::string& name) {
      return std::ranges::find(names, name) != names.end();
    };
  };
  add_curves(runs, "Deviation of the features (0 is a collapse)", "deviation", 1,
             one_of({"health_feature_std", "health_feature_std_isotropic"}), figures);
  add_curves(runs, "Rank of the features", "rank", 1,
             one_of({"health_rank_me", "health_effective_rank", "health_lidar"}), figures);
  add_curves(runs, "Alignment and uniformity", "mean", 1,
             one_of({"health_alignment", "health_uniformity"}), figures);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// "8m 32s" of provenance.json.
std::string time_text(const PretrainRun& run) {
  for (const auto& [key, value] : run.provenance)
    if (key == "seconds") return duration_text(std::strtod(value.c_str(), nullptr));
  return "–";
}

Table speed_table(const std::vector<PretrainRun>& runs) {
  Table table{{{"Run"},
               {"Steps", true},
               {"Epochs", true},
               {"Last loss", true},
               {"Time", true},
               {"Samples/s", true},
               {"Data wait", true},
               {"Exposed exchange", true}},
              {}};
  for (const PretrainRun& run : runs) {
    const auto last = [&](const char* name) {
      const Scalar* scalar = run.find(name);
      return scalar ? scalar->values.back() : kUnknown;
    };
    const auto middle = [&](const char* name) {
      const Scalar* scalar = run.find(name);
      return compact(scalar ? median(scalar->values) : kUnknown);
    };
    const Scalar* loss = run.find("loss");
    table.rows.push_back(
        {{run.name, loss ? with_commas(std::llround(loss->steps.back())) : "–",
          compact(last("epoch")), compact(last("loss")), time_text(run),
          middle("samples_per_second"), middle("data_wait"), middle("comm_exposed")}});
  }
  return table;
}

}  // namespace

std::string pretrain_section(const std::vector<PretrainRun>& runs, Headings& headings) {
  if (runs.empty()) return "";
  std::vector<Figure> figures;
  add_curves(
      runs, "Loss", "loss", 1, [](const std::string& name) { return name.ends_with("loss"); },
      figures);
  add_curves(
      runs, "Accuracy while pretraining", "accuracy, %", 100,
      [](const std::string& name) { return name.ends_with("accuracy"); }, figures);
  add_health(runs, figures);
  return headings.add("Pretraining") + figure_grid(figures) + to_html(speed_table(runs)) +
         paragraph(
             "Samples/s, data wait and exposed exchange: medians of the logged rows, in the units "
             "of metrics.jsonl.",
             "lead");
}

}  // namespace espalier::report

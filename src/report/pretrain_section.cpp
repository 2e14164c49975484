// The pretraining on the page: loss, accuracies, speed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "core/clock.h"
#include "report/html.h"
#include "report/numbers.h"
#include "report/sections.h"
#include "report/svg.h"

namespace espalier::report {
namespace {

constexpr size_t kMostPoints = 400;

// The mean of a window around each value, about 1/30 of the curve wide and cut off at the ends: it
// lags nowhere.
std::vector<double> smooth(const std::vector<double>& values) {
  const size_t n = values.size(), half = n / 60 + 1;
  std::vector<double> sums(n + 1, 0), smoothed(n);
  std::partial_sum(values.begin(), values.end(), sums.begin() + 1);
  for (size_t i = 0; i < n; ++i) {
    const size_t first = i - std::min(i, half), end = std::min(n, i + half + 1);
    smoothed[i] = (sums[end] - sums[first]) / static_cast<double>(end - first);
  }
  return smoothed;
}

// At most 2 * kMostPoints points: of each stretch the lowest and the highest, so that no spike is
// lost.
std::vector<Point> thinned(const std::vector<double>& steps, const std::vector<double>& values) {
  std::vector<Point> points;
  const size_t stretch = values.size() / kMostPoints + 1;
  for (size_t first = 0; first < values.size(); first += stretch) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end =
        values.begin() + static_cast<std::ptrdiff_t>(std::min(first + stretch, values.size()));
    auto [low, high] = std::minmax_element(begin, end);
    if (high < low) std::swap(low, high);
    for (const auto at : {low, high}) {
      const double step = steps[static_cast<size_t>(at - values.begin())];
      if (points.empty() || points.back().x != step) points.push_back({step, *at});
    }
  }
  return points;
}

// Gives each point the interval that the run measured with it, as NAME_low and NAME_high.
void add_intervals(std::vector<Point>& points, const PretrainRun& run, const Scalar& scalar) {
  const Scalar* low = run.find(scalar.name + "_low");
  const Scalar* high = run.find(scalar.name + "_high");
  if (!low || !high || low->steps != scalar.steps || high->steps != scalar.steps) return;
  for (Point& point : points) {
    const auto at = std::ranges::find(scalar.steps, point.x) - scalar.steps.begin();
    const auto i = static_cast<size_t>(at);
    point.half_width = (high->values[i] - low->values[i]) / 2;
  }
}

// A curve raw and smoothed; one of few points (evaluated now and then) as it is, with markers.
void add_curve(Chart& chart, const std::string& name, int slot, const PretrainRun& run,
               const Scalar& scalar) {
  constexpr size_t kFew = 40;
  if (scalar.values.size() <= kFew) {
    std::vector<Point> points = thinned(scalar.steps, scalar.values);
    add_intervals(points, run, scalar);
    chart.series.push_back({.name = name, .slot = slot, .points = std::move(points)});
    return;
  }
  chart.series.push_back({.slot = slot,
                          .points = thinned(scalar.steps, scalar.values),
                          .markers = false,
                          .faint = true});
  chart.series.push_back({.name = name,
                          .slot = slot,
                          .points = thinned(scalar.steps, smooth(scalar.values)),
                          .markers = false});
}

// Of what is drawn, and of nothing else.
std::string what_is_drawn(const Chart& chart) {
  bool smoothed = false, markers = false, untrained = false, intervals = false;
  for (const Series& series : chart.series) {
    smoothed = smoothed || series.faint;
    markers = markers || series.markers;
    untrained = untrained || (series.markers && series.points.front().x == 0);
    intervals = intervals || !std::isnan(series.points.front().half_width);
  }
  std::string text;
  if (smoothed) text += "Faint: every logged value. Strong: the mean around it. ";
  if (markers) text += "Markers: measured values. ";
  if (intervals) text += "Bars: intervals of 95 %, of the test images alone. ";
  if (untrained) text += "At step 0: the untrained network. ";
  return text.substr(0, text.size() - 1);
}

std::string curves(const std::vector<PretrainRun>& runs, const std::string& heading,
                   const std::string& label, double scale, const auto& wanted) {
  Chart chart{.title = heading, .x = {.label = "step"}, .y = {.label = label, .scale = scale}};
  int slot = 0;
  for (const PretrainRun& run : runs)
    for (const Scalar& scalar : run.scalars)
      if (wanted(scalar.name))
        add_curve(chart, runs.size() > 1 ? run.name + " " + scalar.name : scalar.name, ++slot, run,
                  scalar);
  if (chart.series.empty()) return "";
  return figure(heading, svg(chart), what_is_drawn(chart));
}

// What the hook `health` measures. RankMe's bound is left out: it may be far above all else.
std::string health_curves(const std::vector<PretrainRun>& runs) {
  const auto one_of = [](std::vector<std::string> names) {
    return [names = std::move(names)](const std::string& name) {
      return std::ranges::find(names, name) != names.end();
    };
  };
  return curves(runs, "Deviation of the features (0 is a collapse)", "deviation", 1,
                one_of({"health_feature_std", "health_feature_std_isotropic"})) +
         curves(runs, "Rank of the features", "rank", 1,
                one_of({"health_rank_me", "health_effective_rank", "health_lidar"})) +
         curves(runs, "Alignment and uniformity", "mean", 1,
                one_of({"health_alignment", "health_uniformity"}));
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

std::string pretrain_section(const std::vector<PretrainRun>& runs) {
  if (runs.empty()) return "";
  std::string out = "<h2>Pretraining</h2>\n<div class=\"grid\">";
  out += curves(runs, "Loss", "loss", 1,
                [](const std::string& name) { return name.ends_with("loss"); });
  out += curves(runs, "Accuracy while pretraining", "accuracy, %", 100,
                [](const std::string& name) { return name.ends_with("accuracy"); });
  out += health_curves(runs);
  out += "</div>\n" + to_html(speed_table(runs));
  return out + paragraph(
                   "Samples/s, data wait and exposed exchange: medians of the logged rows, in the "
                   "units of "
                   "metrics.jsonl.",
                   "lead");
}

}  // namespace espalier::report

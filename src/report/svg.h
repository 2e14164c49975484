// Charts as SVG text: lines with intervals, dots, bands, bars; axes with round ticks, a legend,
// native tooltips.
//
//   Chart chart{.title = "Loss", .x = {.label = "step"}, .y = {.label = "loss"}};
//   chart.series.push_back({.name = "loss", .slot = 1, .points = points});
//   html += svg(chart);
//
// Colours are CSS variables of the page (--c1 ... --c6, --ink ...), so that one drawing follows
// light, dark and print. A drawing is small enough to be read on a telephone. Each slot also has
// its own marker shape: colour is never the only sign. A NaN y breaks a line.
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace espalier::report {

struct Point {
  double x = 0, y = 0;
  double half_width = std::numeric_limits<double>::quiet_NaN();  // of its interval; NaN draws none
  std::string tooltip = {};
};

struct Series {
  std::string name = {};  // "" stays out of the legend
  int slot = 0;           // 1 to 6; 0 is neutral grey
  std::vector<Point> points = {};
  std::vector<Point> dots = {};  // single runs behind the line
  // What has no value: a cross at the foot of the chart; y is not read.
  std::vector<Point> holes = {};
  bool markers = true;  // a marker at every point of the line
  bool faint = false;   // raw values behind a smoothed line
};

// A dashed horizontal line, with a band where half_width is a number.
struct Level {
  std::string name = {};
  double y = 0;
  double half_width = std::numeric_limits<double>::quiet_NaN();
};

struct Axis {
  std::string label = {};
  // Where given, x = 0, 1, ... are these. A second line of one is left out where there is no room.
  std::vector<std::string> categories = {};
  double scale = 1;                // labels show value * scale
  bool signs = false;              // labels carry + and -
  std::vector<double> holds = {};  // y only: values that the axis reaches in any case
};

struct Chart {
  std::string title = {};  // read aloud, not drawn
  Axis x = {}, y = {};
  std::vector<Series> series = {};
  std::vector<Level> levels = {};
  double width = 420, height = 290;
};

std::string svg(const Chart& chart);

struct Bar {
  std::string name;
  double value;
  std::string text;  // at the bar's end
  int slot;
};

// Horizontal bars from zero.
std::string svg_bars(const std::string& title, const std::vector<Bar>& bars);

}  // namespace espalier::report

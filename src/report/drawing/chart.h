// Charts as SVG text: lines with intervals or bands, dots, levels, named spans; axes with round
// ticks, a legend, native tooltips.
//
//   Chart chart{.title = "Loss", .x = {.label = "step"}, .y = {.label = "loss"}};
//   chart.series.push_back({.name = "loss", .slot = 1, .points = points});
//   html += svg(chart);
//
// Colours are CSS variables of the page, so that one drawing follows light, dark and print; slots
// are those of marks.h. A drawing is small enough to be read on a telephone. A NaN y breaks a line.
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
  int slot = 0;
  std::vector<Point> points = {};
  std::vector<Point> dots = {};  // single runs behind the line
  // What has no value: a cross at the foot of the chart; y is not read.
  std::vector<Point> holes = {};
  bool markers = true;  // a marker at every point of the line
  bool faint = false;   // raw values behind a smoothed line
  bool band = false;    // intervals as a band along the line, not as a bar at each point
  bool line = true;     // points are joined
};

// A dashed horizontal line, with a band where half_width is a number.
struct Level {
  std::string name = {};
  double y = 0;
  double half_width = std::numeric_limits<double>::quiet_NaN();
};

// An arrow from one place to another, numbered in the drawing and named below it; a ring where both
// are the same place.
struct Span {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  std::string name = {};
};

struct Tick {
  double at = 0;
  std::string text;  // two lines at most; the second is left out where there is no room
};

struct Axis {
  std::string label = {};
  std::vector<Tick> ticks = {};  // x only: in place of round numbers
  double scale = 1;              // labels show value * scale
  bool signs = false;            // labels carry + and -
  double least = 0;              // y only: the axis is at least this long
  // From and to, where given. On a y axis, what lies outside is cut off, and a triangle at the edge
  // says so.
  std::vector<double> range = {};
};

struct Chart {
  std::string title = {};  // read aloud, not drawn
  std::string description = {};
  Axis x = {}, y = {};
  std::vector<Series> series = {};
  std::vector<Level> levels = {};
  std::vector<Span> spans = {};
  double width = 420, height = 290;  // without legend and names of spans
};

std::string svg(const Chart& chart);

// One below the other, as one drawing that is read aloud as `title`. They share their x axis: ticks
// stand below the last.
std::string svg_stack(const std::string& title, const std::string& description,
                      std::vector<Chart> charts);

}  // namespace espalier::report

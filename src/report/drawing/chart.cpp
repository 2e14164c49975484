#include "report/drawing/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/drawing/frame.h"
#include "report/drawing/marks.h"

namespace espalier::report {
namespace {

std::string draw_level(const Frame& frame, const Level& level) {
  std::string out;
  if (!std::isfinite(level.y)) return out;
  if (std::isfinite(level.half_width)) {
    const double top = frame.y(level.y + level.half_width);
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"band\"/>",
        frame.left(), top, frame.right() - frame.left(), frame.y(level.y - level.half_width) - top);
  }
  return out + fmt::format("<path d=\"M{:.1f} {:.1f}H{:.1f}\" class=\"level\"/>", frame.left(),
                           frame.y(level.y), frame.right());
}

std::string draw_dots(const Frame& frame, const Series& series) {
  std::string out;
  for (const Point& dot : series.dots)
    if (std::isfinite(dot.y) && !frame.below(dot.y) && !frame.above(dot.y))
      out += marker(series.slot, frame.x(dot.x), frame.y(dot.y), 2.6, tooltip(dot.tooltip), "dot");
  for (const Point& hole : series.holes)
    out += fmt::format(
        "<path d=\"M{:.1f} {:.1f}l8 8m0 -8l-8 8\" stroke=\"{}\" class=\"hole\">{}</path>",
        frame.x(hole.x) - 4, frame.bottom() - 12, color_of(series.slot), tooltip(hole.tooltip));
  return out;
}

// The pieces of a line between its gaps.
std::vector<std::vector<Point>> pieces(const std::vector<Point>& points) {
  std::vector<std::vector<Point>> pieces(1);
  for (const Point& point : points) {
    if (std::isfinite(point.y))
      pieces.back().push_back(point);
    else if (!pieces.back().empty())
      pieces.emplace_back();
  }
  return pieces;
}

std::string draw_band(const Frame& frame, const Series& series) {
  std::string out;
  for (const auto& piece : pieces(series.points)) {
    std::string there, back;
    for (const Point& point : piece) {
      const double half = std::isfinite(point.half_width) ? point.half_width : 0;
      there += fmt::format("{}{:.1f} {:.1f}", there.empty() ? 'M' : 'L', frame.x(point.x),
                           frame.y(point.y + half));
      back = fmt::format("L{:.1f} {:.1f}", frame.x(point.x), frame.y(point.y - half)) + back;
    }
    if (piece.size() > 1)
      out += fmt::format("<path d=\"{}{}z\" fill=\"{}\" class=\"band\"/>", there, back,
                         color_of(series.slot));
  }
  return out;
}

std::string draw_line(const Frame& frame, const Series& series) {
  std::string path;
  for (const auto& piece : pieces(series.points))
    for (size_t i = 0; i < piece.size(); ++i)
      path +=
          fmt::format("{}{:.1f} {:.1f}", i ? 'L' : 'M', frame.x(piece[i].x), frame.y(piece[i].y));
  if (path.empty() || !series.line) return "";
  return fmt::format("<path d=\"{}\" stroke=\"{}\" class=\"line{}\"{}/>", path,
                     color_of(series.slot), series.faint ? " faint" : "", dashes_of(series.slot));
}

std::string draw_interval(const Frame& frame, const Point& point, int slot) {
  if (!std::isfinite(point.half_width)) return "";
  return fmt::format(
      "<path d=\"M{:.1f} {:.1f}h8m-4 0V{:.1f}m-4 0h8\" stroke=\"{}\" class=\"interval\"/>",
      frame.x(point.x) - 4, frame.y(point.y + point.half_width),
      frame.y(point.y - point.half_width), color_of(slot));
}

// A value outside the frame: an arrow at the edge that points to it.
std::string draw_outside(const Frame& frame, const Point& point, int slot) {
  const bool below = frame.below(point.y);
  return fmt::format("<path d=\"M{:.1f} {:.1f}l-4.5 {}h9z\" fill=\"{}\" class=\"marker\">{}</path>",
                     frame.x(point.x), below ? frame.bottom() - 1 : frame.top() + 1, below ? -7 : 7,
                     color_of(slot), tooltip(point.tooltip));
}

// Text in the frame's clip would be cut: only lines, bands and bars are inside.
std::string draw_series(const Frame& frame, const Chart& chart) {
  std::string inside, above;
  for (const Series& series : chart.series)
    if (series.band) inside += draw_band(frame, series);
  for (const Series& series : chart.series) inside += draw_line(frame, series);
  for (const Series& series : chart.series) {
    if (!series.markers) continue;
    for (const Point& point : series.points) {
      if (!std::isfinite(point.y)) continue;
      if (!series.band) inside += draw_interval(frame, point, series.slot);
      const bool outside = frame.below(point.y) || frame.above(point.y);
      above += outside ? draw_outside(frame, point, series.slot)
                       : marker(series.slot, frame.x(point.x), frame.y(point.y), 4.2,
                                tooltip(point.tooltip));
    }
  }
  return fmt::format(
             "<svg x=\"{0:.1f}\" y=\"{1:.1f}\" width=\"{2:.1f}\" height=\"{3:.1f}\" "
             "viewBox=\"{0:.1f} {1:.1f} {2:.1f} {3:.1f}\">",
             frame.left(), frame.top() - 2, frame.right() - frame.left(),
             frame.bottom() - frame.top() + 4) +
         inside + "</svg>" + above;
}

struct Place {
  double x, y;
};

// The first that no badge has taken.
Place free_place(const std::vector<Place>& wanted, const std::vector<Place>& taken) {
  for (const Place& place : wanted)
    if (std::ranges::none_of(taken, [&](const Place& other) {
          return std::hypot(other.x - place.x, other.y - place.y) < 17;
        }))
      return place;
  return wanted.front();
}

std::string draw_span(const Frame& frame, const Span& span, size_t number,
                      std::vector<Place>& taken) {
  const double x1 = frame.x(span.x1), x2 = frame.x(span.x2);
  const auto inside = [&](double y) { return std::clamp(frame.y(y), frame.top(), frame.bottom()); };
  const double y1 = inside(span.y1), y2 = inside(span.y2);
  const double length = std::hypot(x2 - x1, y2 - y1), x = (x1 + x2) / 2, y = (y1 + y2) / 2;
  std::vector<Place> wanted;
  if (length > 34) wanted.push_back({x, y});
  for (const double away : {12.0, 20.0, 30.0})
    for (const double side : {1.0, -1.0})
      if (std::abs(x2 - x1) > std::abs(y2 - y1))
        wanted.push_back({x, y - side * away});
      else
        wanted.push_back({x, side < 0 ? std::max(y1, y2) + away : std::min(y1, y2) - away});
  const Place place = free_place(wanted, taken);
  taken.push_back(place);
  if (length < 1)
    return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\" class=\"span\"/>", x1, y1) +
           badge(place.x, place.y, number);
  const double angle = std::atan2(y2 - y1, x2 - x1) * 180 / std::acos(-1.0);
  return fmt::format(
             "<path transform=\"translate({:.1f} {:.1f}) rotate({:.1f})\" d=\"M0 0h{:.1f}m-5 "
             "-3.5l5 3.5l-5 3.5\" class=\"span\"/>",
             x1, y1, angle, length) +
         badge(place.x, place.y, number);
}

std::string draw(const Frame& frame, const Chart& chart) {
  std::string out = frame.legend() + frame.axes();
  for (const Level& level : chart.levels) out += draw_level(frame, level);
  for (const Series& series : chart.series) out += draw_dots(frame, series);
  out += draw_series(frame, chart);
  std::vector<Place> taken;
  for (size_t i = 0; i < chart.spans.size(); ++i)
    out += draw_span(frame, chart.spans[i], i + 1, taken);
  return out + frame.names_of_spans();
}

}  // namespace

std::string svg(const Chart& chart) {
  const Frame frame(chart);
  return open_svg(chart.width, frame.height(), chart.title, chart.description) +
         draw(frame, chart) + "</svg>\n";
}

std::string svg_stack(const std::string& title, const std::string& description,
                      std::vector<Chart> charts) {
  double left = 0, low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Chart& chart : charts) {
    const Frame frame(chart);
    left = std::max(left, frame.left());
    low = std::min(low, frame.x_range()[0]);
    high = std::max(high, frame.x_range()[1]);
  }
  std::string inside;
  double height = 0, width = 0;
  for (size_t i = 0; i < charts.size(); ++i) {
    charts[i].x.range = {low, high};
    const Frame frame(charts[i], i + 1 == charts.size(), left);
    inside += fmt::format("<g transform=\"translate(0 {:.1f})\">", height) +
              draw(frame, charts[i]) + "</g>";
    height += frame.height();
    width = std::max(width, charts[i].width);
  }
  return open_svg(width, height, title, description) + inside + "</svg>\n";
}

}  // namespace espalier::report

#include "report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/html.h"
#include "report/ticks.h"

namespace espalier::report {
namespace {

constexpr double kLeft = 52, kRight = 20, kBottom = 62, kLegendRow = 22, kTop = 10;

// About the width of 13 px system text.
double text_width(const std::string& text) { return 6.8 * static_cast<double>(text.size()); }

std::string color(int slot) {
  return slot == 0 ? "var(--muted)" : fmt::format("var(--c{})", (slot - 1) % 6 + 1);
}

std::string tooltip(const std::string& text) {
  return text.empty() ? "" : "<title>" + escape(text) + "</title>";
}

// The shape of a slot, `r` from its middle to its edge.
std::string marker(int slot, double x, double y, double r, const std::string& inside) {
  const std::string style =
      fmt::format("fill=\"{}\" stroke=\"var(--surface)\" stroke-width=\"1.5\"", color(slot));
  switch ((slot + 3) % 4) {
    case 1:
      return fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" {}>{}</rect>",
          x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r, style, inside);
    case 2:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}h{:.1f}z\" {}>{}</path>", x,
                         y - 1.15 * r, 1.1 * r, 2 * r, -2.2 * r, style, inside);
    case 3:
      return fmt::format(
          "<path d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}l{:.1f} {:.1f}l{:.1f} {:.1f}z\" {}>{}</path>", x,
          y - 1.25 * r, 1.25 * r, 1.25 * r, -1.25 * r, 1.25 * r, -1.25 * r, -1.25 * r, style,
          inside);
    default:
      return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" {}>{}</circle>", x, y, r,
                         style, inside);
  }
}

// The plot's frame: where data values lie on the page.
class Frame {
 public:
  explicit Frame(const Chart& chart) : chart_(chart) {
    legend_rows_ = lay_out_legend();
    top_ = kTop + kLegendRow * legend_rows_;
    height_ = chart.height + kLegendRow * legend_rows_;
    find_range();
  }

  std::string draw() const {
    std::string out = fmt::format(
        "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" class=\"chart\"><title>{}</title>",
        chart_.width, height_, escape(chart_.title));
    out += legend_ + axes();
    for (const Level& level : chart_.levels) out += draw_level(level);
    for (const Series& series : chart_.series) out += draw_dots(series);
    for (const Series& series : chart_.series) out += draw_line(series);
    return out + "</svg>\n";
  }

 private:
  double right() const { return chart_.width - kRight; }
  double bottom() const { return height_ - kBottom; }
  double px(double x) const {
    return kLeft + (x - x_low_) / (x_high_ - x_low_) * (right() - kLeft);
  }
  double py(double y) const {
    return bottom() - (y - y_low_) / (y_high_ - y_low_) * (bottom() - top_);
  }

  void find_range();
  int lay_out_legend();
  std::string axes() const;
  std::string x_axis() const;
  std::string draw_level(const Level& level) const;
  std::string draw_dots(const Series& series) const;
  std::string draw_line(const Series& series) const;
  std::string draw_interval(const Point& point, int slot) const;

  const Chart& chart_;
  int legend_rows_ = 0;
  std::string legend_;
  double top_ = 0, height_ = 0;
  double x_low_ = 0, x_high_ = 1, y_low_ = 0, y_high_ = 1;
  std::vector<double> x_ticks_, y_ticks_;
};

void Frame::find_range() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double x_low = kInfinity, x_high = -kInfinity, y_low = kInfinity, y_high = -kInfinity;
  const auto see = [&](double y, double half_width) {
    if (!std::isfinite(y)) return;
    const double half = std::isfinite(half_width) ? half_width : 0;
    y_low = std::min(y_low, y - half);
    y_high = std::max(y_high, y + half);
  };
  for (const Level& level : chart_.levels) see(level.y, level.half_width);
  for (const double value : chart_.y.holds) see(value, 0);
  for (const Series& series : chart_.series)
    for (const auto* points : {&series.points, &series.dots, &series.holes})
      for (const Point& point : *points) {
        if (points != &series.holes) see(point.y, point.half_width);
        x_low = std::min(x_low, point.x);
        x_high = std::max(x_high, point.x);
      }
  if (y_low > y_high) y_low = 0, y_high = 1;
  y_ticks_ = nice_ticks(y_low, y_high, 6);
  y_low_ = y_ticks_.front();
  y_high_ = y_ticks_.back();
  if (!chart_.x.categories.empty()) {
    x_low_ = -0.5;
    x_high_ = static_cast<double>(chart_.x.categories.size()) - 0.5;
    return;
  }
  if (x_low > x_high) x_low = 0, x_high = 1;
  if (x_low > 0 && x_low < 0.05 * x_high) x_low = 0;  // step 10 of 8,000: the axis starts at 0
  x_ticks_ = nice_ticks(x_low, x_high, 6);
  x_low_ = x_low;
  x_high_ = x_high > x_low ? x_high : x_low + 1;
}

int Frame::lay_out_legend() {
  double x = kLeft;
  int row = 0;
  const auto place = [&](const std::string& name) {
    const double width = 30 + text_width(name) + 14;
    if (x > kLeft && x + width > chart_.width) x = kLeft, ++row;
    const double at = x;
    x += width;
    legend_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"legend\">{}</text>", at + 30,
                           kTop + kLegendRow * row + 9, escape(name));
    return at;
  };
  for (const Series& series : chart_.series) {
    if (series.name.empty()) continue;
    const double at = place(series.name), y = kTop + kLegendRow * row + 5;
    legend_ += fmt::format("<path d=\"M{:.1f} {:.1f}h22\" stroke=\"{}\" class=\"line{}\"/>", at, y,
                           color(series.slot), series.faint ? " faint" : "");
    if (series.markers) legend_ += marker(series.slot, at + 11, y, 4.2, "");
  }
  for (const Level& level : chart_.levels) {
    if (level.name.empty()) continue;
    const double at = place(level.name), y = kTop + kLegendRow * row + 5;
    legend_ += fmt::format("<path d=\"M{:.1f} {:.1f}h22\" class=\"level\"/>", at, y);
  }
  return legend_.empty() ? 0 : row + 1;
}

std::string Frame::axes() const {
  std::string out;
  const double step = y_ticks_[1] - y_ticks_[0];
  for (const double tick : y_ticks_) {
    const bool zero = chart_.y.signs && std::abs(tick) < step / 2;
    out += fmt::format("<path d=\"M{:.1f} {:.1f}H{:.1f}\" class=\"{}\"/>", kLeft, py(tick), right(),
                       zero ? "axis" : "grid");
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", kLeft - 8,
                       py(tick) + 4,
                       tick_text(tick * chart_.y.scale, step * chart_.y.scale, chart_.y.signs));
  }
  out += fmt::format(
      "<text transform=\"translate(14 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
      (top_ + bottom()) / 2, escape(chart_.y.label));
  return out + x_axis();
}

std::string Frame::x_axis() const {
  std::string out =
      fmt::format("<path d=\"M{:.1f} {:.1f}H{:.1f}\" class=\"axis\"/>", kLeft, bottom(), right());
  const auto label = [&](double x, double line, const std::string& text) {
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>", px(x),
                       bottom() + 2 + 16 * line, escape(text));
  };
  const auto& names = chart_.x.categories;
  const double room = (right() - kLeft) / std::max<double>(1, static_cast<double>(names.size()));
  for (double line = 1; line <= 2; ++line) {
    std::vector<std::string> texts;
    double widest = 1;
    for (const std::string& name : names) {
      const size_t end = name.find('\n');
      texts.push_back(line == 1                  ? name.substr(0, end)
                      : end == std::string::npos ? ""
                                                 : name.substr(end + 1));
      widest = std::max(widest, text_width(texts.back()) + 4);
    }
    const auto every = static_cast<size_t>(std::ceil(widest / room));
    for (size_t i = 0; i < texts.size(); i += every)
      if (!texts[i].empty()) label(static_cast<double>(i), line, texts[i]);
  }
  for (const double tick : x_ticks_)
    if (tick >= x_low_ && tick <= x_high_)
      label(tick, 1, tick_text(tick, x_ticks_[1] - x_ticks_[0]));
  return out + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>",
                           (kLeft + right()) / 2, height_ - 8, escape(chart_.x.label));
}

std::string Frame::draw_level(const Level& level) const {
  std::string out;
  if (!std::isfinite(level.y)) return out;
  if (std::isfinite(level.half_width))
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"band\"/>",
        kLeft, py(level.y + level.half_width), right() - kLeft,
        py(level.y - level.half_width) - py(level.y + level.half_width));
  return out + fmt::format("<path d=\"M{:.1f} {:.1f}H{:.1f}\" class=\"level\"/>", kLeft,
                           py(level.y), right());
}

std::string Frame::draw_dots(const Series& series) const {
  std::string out;
  for (const Point& dot : series.dots)
    if (std::isfinite(dot.y))
      out += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.4\" fill=\"{}\" class=\"dot\">{}</circle>",
          px(dot.x), py(dot.y), color(series.slot), tooltip(dot.tooltip));
  for (const Point& hole : series.holes)
    out += fmt::format(
        "<path d=\"M{:.1f} {:.1f}l8 8m0 -8l-8 8\" stroke=\"{}\" class=\"hole\">{}</path>",
        px(hole.x) - 4, bottom() - 12, color(series.slot), tooltip(hole.tooltip));
  return out;
}

std::string Frame::draw_line(const Series& series) const {
  std::string path, out;
  bool pen_down = false;
  for (const Point& point : series.points) {
    const bool known = std::isfinite(point.y);
    if (known)
      path += fmt::format("{}{:.1f} {:.1f}", pen_down ? 'L' : 'M', px(point.x), py(point.y));
    pen_down = known;
  }
  if (!path.empty())
    out += fmt::format("<path d=\"{}\" stroke=\"{}\" class=\"line{}\"/>", path, color(series.slot),
                       series.faint ? " faint" : "");
  if (!series.markers) return out;
  for (const Point& point : series.points)
    if (std::isfinite(point.y)) out += draw_interval(point, series.slot);
  return out;
}

std::string Frame::draw_interval(const Point& point, int slot) const {
  const double x = px(point.x);
  std::string out;
  if (std::isfinite(point.half_width)) {
    const double high = py(point.y + point.half_width), low = py(point.y - point.half_width);
    out += fmt::format(
        "<path d=\"M{:.1f} {:.1f}h8m-4 0V{:.1f}m-4 0h8\" stroke=\"{}\" class=\"interval\"/>", x - 4,
        high, low, color(slot));
  }
  return out + marker(slot, x, py(point.y), 4.2, tooltip(point.tooltip));
}

}  // namespace

std::string svg(const Chart& chart) { return Frame(chart).draw(); }

std::string svg_bars(const std::string& title, const std::vector<Bar>& bars) {
  constexpr double kRow = 28, kWidth = 420, kThick = 16;
  double names = 40, texts = 40, most = 0;
  for (const Bar& bar : bars) {
    names = std::max(names, text_width(bar.name));
    texts = std::max(texts, text_width(bar.text));
    most = std::max(most, bar.value);
  }
  const double room = kWidth - names - texts - 24;
  std::string out = fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" class=\"chart\"><title>{}</title>", kWidth,
      kRow * static_cast<double>(bars.size()) + 4, escape(title));
  double y = 4;
  for (const Bar& bar : bars) {
    const double length = most > 0 ? bar.value / most * room : 0;
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", names,
                       y + 12.5, escape(bar.name));
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"3\" fill=\"{}\"/>",
        names + 10, y, std::max(length, 1.0), kThick, color(bar.slot));
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", names + 18 + length, y + 12.5,
                       escape(bar.text));
    y += kRow;
  }
  return out + "</svg>\n";
}

}  // namespace espalier::report

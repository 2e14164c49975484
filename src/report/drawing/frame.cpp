#include "report/drawing/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/drawing/marks.h"
#include "report/drawing/ticks.h"

namespace espalier::report {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kTop = 10, kLegendRow = 22, kLegendEnd = 6, kTextRow = 16, kNameRow = 21;

std::string line_of(const std::string& text, bool second) {
  const size_t end = text.find('\n');
  if (!second) return text.substr(0, end);
  return end == std::string::npos ? "" : text.substr(end + 1);
}

}  // namespace

Frame::Frame(const Chart& chart, bool x_texts, double left) : chart_(chart), x_texts_(x_texts) {
  find_x_range();
  find_y_range();
  double widest = 0;
  const double step = y_ticks_[1] - y_ticks_[0];
  for (const double tick : y_ticks_)
    widest = std::max(
        widest, text_width(tick_text(tick * chart.y.scale, step * chart.y.scale, chart.y.signs)));
  left_ = std::max(left, widest + (chart.y.label.empty() ? 14 : 32));
  const int legend_rows = lay_out_legend();
  top_ = kTop + kLegendRow * legend_rows + (legend_rows > 0 ? kLegendEnd : 0);
  double below = 12;
  if (x_texts) {
    const auto ticks = x_ticks();
    const bool two_lines = std::ranges::any_of(
        ticks, [](const Tick& tick) { return tick.text.find('\n') != std::string::npos; });
    below = 8 + kTextRow * (1 + two_lines) + (chart.x.label.empty() ? 0 : 22);
  }
  bottom_ = top_ + chart.height - kTop - below;
  height_ = bottom_ + below + kNameRow * static_cast<double>(chart.spans.size());
}

void Frame::find_x_range() {
  double low = kInfinity, high = -kInfinity;
  const auto& ticks = chart_.x.ticks;
  if (!ticks.empty()) {
    double gap = ticks.size() > 1 ? kInfinity : 1;
    for (size_t i = 1; i < ticks.size(); ++i) gap = std::min(gap, ticks[i].at - ticks[i - 1].at);
    x_low_ = ticks.front().at - gap / 2;
    x_high_ = ticks.back().at + gap / 2;
    return;
  }
  for (const Series& series : chart_.series)
    for (const auto* points : {&series.points, &series.dots, &series.holes})
      for (const Point& point : *points) {
        low = std::min(low, point.x);
        high = std::max(high, point.x);
      }
  if (low > high) low = 0, high = 1;
  if (low > 0 && low < 0.25 * high) low = 0;  // step 10 of 8,000: the axis starts at 0
  if (!chart_.x.range.empty()) low = chart_.x.range[0], high = chart_.x.range[1];
  x_low_ = low;
  x_high_ = high > low ? high : low + 1;
}

void Frame::find_y_range() {
  double low = kInfinity, high = -kInfinity;
  const auto see = [&](double y, double half_width) {
    if (!std::isfinite(y)) return;
    const double half = std::isfinite(half_width) ? half_width : 0;
    low = std::min(low, y - half);
    high = std::max(high, y + half);
  };
  for (const Level& level : chart_.levels) see(level.y, level.half_width);
  for (const Series& series : chart_.series)
    for (const auto* points : {&series.points, &series.dots})
      for (const Point& point : *points) see(point.y, point.half_width);
  if (low > high) low = 0, high = 1;
  if (!chart_.y.range.empty()) low = chart_.y.range[0], high = chart_.y.range[1];
  const double missing = std::max(0.0, chart_.y.least - (high - low));
  y_ticks_ = nice_ticks(low - missing / 2, high + missing / 2, 6);
  y_low_ = y_ticks_.front();
  y_high_ = y_ticks_.back();
}

int Frame::lay_out_legend() {
  double at = 8;
  int row = 0;
  const auto place = [&](const std::string& name) {
    const double width = 28 + text_width(name) + 14;
    if (at > 8 && at + width - 14 > chart_.width) at = 8, ++row;
    legend_ += label(at + 28, kTop + kLegendRow * row + 9, "start", name, "legend");
    at += width;
    return at - width;
  };
  for (const Series& series : chart_.series) {
    if (series.name.empty()) continue;
    const double x = place(series.name), y = kTop + kLegendRow * row + 5;
    if (series.line)
      legend_ +=
          fmt::format("<path d=\"M{:.1f} {:.1f}h22\" stroke=\"{}\" class=\"line{}\"{}/>", x, y,
                      color_of(series.slot), series.faint ? " faint" : "", dashes_of(series.slot));
    if (series.markers) legend_ += marker(series.slot, x + 11, y, 4.2);
  }
  for (const Level& level : chart_.levels) {
    if (level.name.empty()) continue;
    const double x = place(level.name), y = kTop + kLegendRow * row + 5;
    legend_ += fmt::format("<path d=\"M{:.1f} {:.1f}h22\" class=\"level\"/>", x, y);
  }
  return legend_.empty() ? 0 : row + 1;
}

std::string Frame::axes() const { return y_axis() + x_axis(); }

std::string Frame::y_axis() const {
  std::string out;
  const double step = y_ticks_[1] - y_ticks_[0];
  for (const double tick : y_ticks_) {
    const bool zero = chart_.y.signs && std::abs(tick) < step / 2;
    out += fmt::format("<path d=\"M{:.1f} {:.1f}H{:.1f}\" class=\"{}\"/>", left(), y(tick), right(),
                       zero ? "axis" : "grid");
    out += label(left() - 8, y(tick) + 4, "end",
                 tick_text(tick * chart_.y.scale, step * chart_.y.scale, chart_.y.signs));
  }
  if (chart_.y.label.empty()) return out;
  return out + fmt::format("<g transform=\"translate(12 {:.1f}) rotate(-90)\">{}</g>",
                           (top_ + bottom()) / 2, label(0, 0, "middle", chart_.y.label));
}

std::vector<Tick> Frame::x_ticks() const {
  if (!chart_.x.ticks.empty()) return chart_.x.ticks;
  const auto values = nice_ticks(x_low_, x_high_, 6);
  std::vector<Tick> ticks;
  for (const double value : values)
    if (value >= x_low_ && value <= x_high_)
      ticks.push_back({value, tick_text(value, values[1] - values[0])});
  return ticks;
}

std::string Frame::x_axis() const {
  std::string out =
      fmt::format("<path d=\"M{:.1f} {:.1f}H{:.1f}\" class=\"axis\"/>", left(), bottom(), right());
  const auto ticks = x_ticks();
  for (const Tick& tick : chart_.x.ticks)
    out += fmt::format("<path d=\"M{:.1f} {:.1f}v4\" class=\"axis\"/>", x(tick.at), bottom());
  if (!x_texts_) return out;
  const double names = kNameRow * static_cast<double>(chart_.spans.size());
  out += tick_texts(ticks, false) + tick_texts(ticks, true);
  if (chart_.x.label.empty()) return out;
  return out + label((left() + right()) / 2, height_ - names - 8, "middle", chart_.x.label);
}

// Every text, or every second, or every third: the most that do not touch.
std::string Frame::tick_texts(const std::vector<Tick>& ticks, bool second_line) const {
  for (size_t every = 1; every <= ticks.size(); ++every) {
    std::string out;
    double end = -kInfinity;
    bool touch = false;
    for (size_t i = 0; i < ticks.size(); i += every) {
      const std::string text = line_of(ticks[i].text, second_line);
      if (text.empty()) continue;
      const double half = text_width(text) / 2, at = x(ticks[i].at);
      touch = touch || at - half < end + 5;
      end = at + half;
      out += label(at, bottom() + 2 + kTextRow * (1 + second_line), "middle", text);
    }
    if (!touch) return out;
  }
  return "";
}

std::string Frame::names_of_spans() const {
  std::string out;
  const double rows = static_cast<double>(chart_.spans.size());
  double at = height_ - kNameRow * rows + 9;
  for (size_t i = 0; i < chart_.spans.size(); ++i, at += kNameRow)
    out += badge(16, at, i + 1) + label(31, at + 4, "start", chart_.spans[i].name, "legend");
  return out;
}

}  // namespace espalier::report

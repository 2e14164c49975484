// Where the values of a chart lie on the page, and what stands around them: axes, legend, names of
// spans. A part of chart.h.
#pragma once

#include <string>
#include <vector>

#include "report/drawing/chart.h"

namespace espalier::report {

class Frame {
 public:
  // The chart must outlive it. `x_texts` is false where another chart below has the texts;
  // `left` is where the axis begins at least, since charts of a stack begin at one place.
  explicit Frame(const Chart& chart, bool x_texts = true, double left = 0);

  std::vector<double> x_range() const { return {x_low_, x_high_}; }

  double height() const { return height_; }
  double left() const { return left_; }
  double right() const { return chart_.width - 20; }
  double top() const { return top_; }
  double bottom() const { return bottom_; }
  double x(double value) const {
    return left() + (value - x_low_) / (x_high_ - x_low_) * (right() - left());
  }
  double y(double value) const {
    return bottom() - (value - y_low_) / (y_high_ - y_low_) * (bottom() - top());
  }
  bool below(double value) const { return value < y_low_; }
  bool above(double value) const { return value > y_high_; }

  std::string legend() const { return legend_; }
  std::string axes() const;
  std::string names_of_spans() const;

 private:
  void find_x_range();
  void find_y_range();
  int lay_out_legend();
  std::string y_axis() const;
  std::string x_axis() const;
  std::vector<Tick> x_ticks() const;
  std::string tick_texts(const std::vector<Tick>& ticks, bool second_line) const;

  const Chart& chart_;
  const bool x_texts_;
  std::string legend_;
  double left_ = 0, top_ = 0, bottom_ = 0, height_ = 0;
  double x_low_ = 0, x_high_ = 1, y_low_ = 0, y_high_ = 1;
  std::vector<double> y_ticks_;
};

}  // namespace espalier::report

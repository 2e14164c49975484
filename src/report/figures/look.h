// How the things of a sweep look in all its figures: the colour of a mode, the name of a line, the
// places of cuts and budgets along an axis, and which lines stand in one figure.
#pragma once

#include <string>
#include <vector>

#include "report/drawing/chart.h"
#include "report/run.h"
#include "statistics/effects.h"

namespace espalier::report {

// The lines of one figure: of one source and head, with the arms that take no source beside them.
// Of a mode with several factors the one that validation prefers at this budget; without
// validation the first of the plan.
struct Panel {
  std::string source, head;
  std::vector<Line> lines;

  bool may_hold(const Line& line) const {
    return line.head == head && (line.source.empty() || line.source == source);
  }
};

class Look {
 public:
  // Modes have the same slots in every sweep of `all`. `run` must outlive it.
  Look(const TransferRun& run, const std::vector<TransferRun>& all);

  const TransferRun& run() const { return run_; }
  const std::vector<statistics::Effect>& effects() const { return effects_; }
  int slot(const Line& line) const;
  std::string name(const Line& line) const { return statistics::name_of(line, lines_); }
  // Among the lines of a panel, which names source and head already.
  std::string name(const Line& line, const Panel& panel) const;

  std::vector<Panel> panels(int64_t budget) const;
  // ", kept weights: public, head: linear": what is not the same in all figures; "" where nothing.
  std::string title_end(const Panel& panel) const;

  // 0 is scratch.
  std::vector<Tick> cut_ticks() const;
  // Enough for a cut, and at least what one column has.
  double width() const;
  bool wide() const { return width() > 500; }

  // Budgets along a logarithmic axis; all labels, whose number is not known, beside its end.
  std::vector<Tick> budget_ticks() const;
  double budget_at(int64_t labels_per_class) const;

 private:
  std::vector<Line> preferred(int64_t budget) const;

  const TransferRun& run_;
  std::vector<Line> lines_;
  std::vector<std::string> modes_, controls_;
  std::vector<statistics::Effect> effects_;
};

}  // namespace espalier::report

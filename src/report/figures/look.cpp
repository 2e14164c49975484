#include "report/figures/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/clock.h"
#include "report/numbers.h"

namespace espalier::report {
namespace {

void append_once(std::vector<std::string>& list, const std::string& text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(text);
}

}  // namespace

Look::Look(const TransferRun& run, const std::vector<TransferRun>& all)

    : run_(run), lines_(run.lines()), effects_(statistics::effects(run.cells, run.rows)) {
  for (const TransferRun& other : all)
    for (const Line& line : other.lines())
      append_once(line.control ? controls_ : modes_, line.mode);
}

int Look::slot(const Line& line) const {
  const auto& list = line.control ? controls_ : modes_;
  const auto at = std::ranges::find(list, line.mode);
  if (at == list.end()) return 0;  // scratch
  const int number = static_cast<int>(at - list.begin()) + 1;
  return line.control ? -number : number;
}

std::string Look::name(const Line& line, const Panel& panel) const {
  // Only the factor is left to tell; it is named where the sweep has several.
  std::set<double> factors;
  for (const Line& other : lines_)
    if (other.mode == line.mode && other.source == line.source && other.head == panel.head)
      factors.insert(other.factor);
  return factors.size() < 2 ? line.mode : fmt::format("{} ×{:g}", line.mode, line.factor);
}

// Of each source, head and mode one line.
std::vector<Line> Look::preferred(int64_t budget) const {
  // NaN, which is above nothing, where a cut has none.
  const auto validation = [&](const Line& line) {
    double sum = 0;
    for (const Row& row : run_.rows)
      if (row.labels_per_class == budget && row.line == line) sum += row.validation;
    return sum;
  };
  std::vector<Line> chosen;
  for (const Line& line : lines_) {
    const auto known = std::ranges::find_if(chosen, [&](const Line& other) {
      return other.source == line.source && other.mode == line.mode && other.head == line.head;
    });
    if (known == chosen.end())
      chosen.push_back(line);
    else if (validation(line) > validation(*known))
      *known = line;
  }
  return chosen;
}

std::vector<Panel> Look::panels(int64_t budget) const {
  std::vector<Panel> panels;
  for (const Line& line : lines_)
    if (!line.source.empty() && std::ranges::none_of(panels, [&](const Panel& panel) {
          return panel.source == line.source && panel.head == line.head;
        }))
      panels.push_back({line.source, line.head, {}});
  if (panels.empty() && !lines_.empty()) panels.push_back({"", lines_.front().head, {}});
  for (Panel& panel : panels)
    for (const Line& line : preferred(budget))
      if (panel.may_hold(line)) panel.lines.push_back(line);
  return panels;
}

std::string Look::title_end(const Panel& panel) const {
  const auto differs = [&](const std::string& own, std::string Line::*member) {
    return std::ranges::any_of(
        lines_, [&](const Line& line) { return !(line.*member).empty() && line.*member != own; });
  };
  std::string text;
  if (differs(panel.source, &Line::source)) text += ", weights: " + panel.source;
  if (differs(panel.head, &Line::head)) text += ", head: " + panel.head;
  return text;
}

std::vector<Tick> Look::cut_ticks() const {
  std::vector<Tick> ticks = {{0, "0\nscratch"}};
  for (int64_t cut = 1; cut <= run_.last_cut(); ++cut)
    ticks.push_back({static_cast<double>(cut),
                     fmt::format("{}\n{}", cut, run_.stages[static_cast<size_t>(cut - 1)])});
  return ticks;
}

double Look::width() const {
  const double needed = 90 + 62 * static_cast<double>(run_.last_cut() + 1);
  return run_.last_cut() <= 6 ? 420 : std::min(needed, 900.0);
}

double Look::budget_at(int64_t labels_per_class) const {
  if (labels_per_class > 0) return std::log10(static_cast<double>(labels_per_class));
  double last = 0;
  for (const int64_t budget : run_.budgets())
    if (budget > 0) last = budget_at(budget);
  return last + 0.5;
}

std::vector<Tick> Look::budget_ticks() const {
  std::vector<Tick> ticks;
  for (const int64_t budget : run_.budgets())
    ticks.push_back({budget_at(budget), budget > 0 ? with_commas(budget) : "all\n(90 %)"});
  return ticks;
}

}  // namespace espalier::report

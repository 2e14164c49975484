#include "report/drawing/heat_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/html.h"

namespace espalier::report {
namespace {

// Steps of the two ramps of the page: "b1" ... "b5" above zero, "o1" ... "o5" below.
std::string shade_class(double shade) {
  constexpr double kSteps = 5;
  if (std::isnan(shade)) return "missing";
  const double step = std::clamp(std::round(shade * kSteps), -kSteps, kSteps);
  return step == 0 ? "" : fmt::format("{}{:.0f}", step > 0 ? 'b' : 'o', std::abs(step));
}

std::string two_lines(const std::string& name) {
  const size_t end = name.find('\n');
  return end == std::string::npos
             ? escape(name)
             : escape(name.substr(0, end)) + "<br>" + escape(name.substr(end + 1));
}

std::string cell_html(const HeatCell& cell) {
  if (cell.text.empty()) return "<td></td>";
  std::string classes = shade_class(cell.shade);
  if (cell.strong) classes += classes.empty() ? "strong" : " strong";
  return "<td" + (classes.empty() ? "" : " class=\"" + classes + "\"") +
         (cell.tooltip.empty() ? "" : " title=\"" + escape(cell.tooltip) + "\"") + ">" +
         escape(cell.text) + "</td>";
}

}  // namespace

std::string to_html(const HeatTable& table) {
  // Long names of many columns are written downwards.
  size_t longest = 0;
  for (const std::string& name : table.columns) longest = std::max(longest, name.size());
  const bool down = table.columns.size() * longest > 70;
  std::string out = "<div class=\"heat" + std::string(down ? " down" : "") +
                    "\" tabindex=\"0\" role=\"region\" aria-label=\"" + escape(table.caption) +
                    "\"><table><caption>" + escape(table.caption) + "</caption><thead><tr><td>" +
                    escape(table.corner) + "</td>";
  for (const std::string& name : table.columns)
    out += "<th scope=\"col\"><span>" + two_lines(name) + "</span></th>";
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr><th scope=\"row\"" + std::string(row.control ? " class=\"control\"" : "") + ">" +
           escape(row.name) + "</th>";
    for (const HeatCell& cell : row.cells) out += cell_html(cell);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace espalier::report

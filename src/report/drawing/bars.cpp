#include "report/drawing/bars.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/drawing/marks.h"

namespace espalier::report {

std::string svg_bars(const std::string& title, const std::vector<Bar>& bars, double most) {
  constexpr double kWidth = 420;
  const double row = bars.size() > 12 ? 21 : 27, thick = row * 0.6;
  double names = 40, texts = 40;
  for (const Bar& bar : bars) {
    names = std::max(names, text_width(bar.name));
    texts = std::max(texts, text_width(bar.text));
    most = std::max(most, bar.value);
  }
  const double room = std::max(40.0, kWidth - names - texts - 24);
  std::string out = open_svg(kWidth, row * static_cast<double>(bars.size()) + 6, title);
  double y = 4;
  for (const Bar& bar : bars) {
    const double length = most > 0 ? bar.value / most * room : 0;
    const double base = y + thick / 2 + 4.5;
    out += label(names, base, "end", bar.name, "legend");
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"2\" fill=\"{}\"/>",
        names + 10, y, std::max(length, 1.0), thick, color_of(bar.slot));
    out += label(names + 16 + length, base, "start", bar.text);
    y += row;
  }
  return out + "</svg>\n";
}

}  // namespace espalier::report

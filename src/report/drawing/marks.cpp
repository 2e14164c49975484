#include "report/drawing/marks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "report/html.h"

namespace espalier::report {

std::string color_of(int slot) {
  return slot <= 0 ? "var(--muted)" : fmt::format("var(--c{})", (slot - 1) % 6 + 1);
}

std::string dashes_of(int slot) {
  constexpr const char* kPatterns[] = {"5 3", "2 2", "8 3 2 3", "1 3"};
  return slot >= 0 ? "" : fmt::format(" stroke-dasharray=\"{}\"", kPatterns[(-slot - 1) % 4]);
}

// Counts characters and not the bytes of UTF-8.
double text_width(const std::string& text) {
  return 7.4 * static_cast<double>(
                   std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string marker(int slot, double x, double y, double r, const std::string& inside,
                   const std::string& css_class) {
  const std::string style =
      fmt::format("fill=\"{}\" class=\"{}\">{}</", color_of(slot), css_class, inside);
  const auto path = [&](const std::string& d) {
    return fmt::format("<path d=\"M{:.1f} {:.1f}{}z\" {}path>", x, y, d, style);
  };
  switch ((std::abs(slot) + 4) % 5) {
    case 1:
      return path(
          fmt::format("m{0:.1f} {0:.1f}h{1:.1f}v{1:.1f}h{2:.1f}", -0.9 * r, 1.8 * r, -1.8 * r));
    case 2:
      return path(
          fmt::format("m0 {:.1f}l{:.1f} {:.1f}h{:.1f}", -1.15 * r, 1.1 * r, 2 * r, -2.2 * r));
    case 3:
      return path(fmt::format("m0 {0:.1f}l{1:.1f} {1:.1f}l{0:.1f} {1:.1f}l{0:.1f} {0:.1f}",
                              -1.25 * r, 1.25 * r));
    case 4:
      return path(
          fmt::format("m0 {:.1f}l{:.1f} {:.1f}h{:.1f}", 1.15 * r, 1.1 * r, -2 * r, -2.2 * r));
    default:
      return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" {}circle>", x, y, r,
                         style);
  }
}

std::string tooltip(const std::string& text) {
  return text.empty() ? "" : "<title>" + escape(text) + "</title>";
}

std::string label(double x, double y, const std::string& anchor, const std::string& text,
                  const std::string& css_class) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}{}>{}</text>", x, y,
                     anchor == "start" ? "" : " text-anchor=\"" + anchor + "\"",
                     css_class.empty() ? "" : " class=\"" + css_class + "\"", escape(text));
}

std::string badge(double x, double y, size_t number) {
  return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"8\" class=\"badge\"/>", x, y) +
         label(x, y + 4, "middle", std::to_string(number), "badge");
}

std::string open_svg(double width, double height, const std::string& title,
                     const std::string& description) {
  return fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" class=\"chart\"><title>{}</title>{}", width,
      height, escape(title), description.empty() ? "" : "<desc>" + escape(description) + "</desc>");
}

}  // namespace espalier::report

// The pieces of a drawing: colours and shapes of slots, text, tooltips.
//
// A slot is how one thing looks in every drawing of a page:
//   1, 2, ...      a colour of the page (--c1 ... --c6) and a shape; no two of the first 30 are alike
//   0              neutral
//   -1, -2, ...    a control: grey, with a shape and a pattern of dashes
// So colour is never the only sign.
#pragma once

#include <string>

namespace espalier::report {

std::string color_of(int slot);
// The attribute of a line, "" where it is solid.
std::string dashes_of(int slot);

// About the width of system text of 13 px.
double text_width(const std::string& text);

// The shape of a slot. `inside` is markup: a tooltip.
std::string marker(int slot, double x, double y, double radius, const std::string& inside = "",
                   const std::string& css_class = "marker");

// `text` is text.
std::string tooltip(const std::string& text);

// `anchor` is "start", "middle" or "end".
std::string label(double x, double y, const std::string& anchor, const std::string& text,
                  const std::string& css_class = "");

// A number in a circle, as maps have them.
std::string badge(double x, double y, size_t number);

// What opens a drawing: read aloud, and as wide as its place.
std::string open_svg(double width, double height, const std::string& title,
                     const std::string& description = "");

}  // namespace espalier::report

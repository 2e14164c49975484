// One self-contained page: style inline, no script, no network. Light and dark follow the reader's
// system; prints.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace espalier::report {

// Text made safe inside elements and quoted attributes. Control characters other than tab and
// newline are dropped.
std::string escape(const std::string& text);

// `body` is HTML; `title` is text. Above 0 the browser loads the page again every
// `refresh_seconds`.
std::string page(const std::string& title, const std::string& body, int refresh_seconds = 0);

// The headings of the page, in order, each with an id to link to; contents() lists them.
class Headings {
 public:
  std::string add(const std::string& heading);
  std::string contents() const;

 private:
  std::vector<std::string> texts_;
};

// A drawing with one line, "What you see", below it where there is something to say, and the numbers behind it, if there are any,
// behind a click. `drawing` and `numbers` are HTML, the texts are text. A wide one takes a row of
// its own.
struct Figure {
  std::string heading, drawing, what_you_see;
  std::string numbers = {};
  bool wide = false;
};
std::string to_html(const Figure& figure);

// A drawing that scrolls where the screen is narrow.
std::string scrolling(const std::string& heading, const std::string& drawing);

// Figures side by side where there is room; "" without one. What several say is said by the first.
std::string figure_grid(const std::vector<Figure>& figures);

std::string paragraph(const std::string& text, const std::string& css_class = "");

// `html` behind a click.
std::string folded(const std::string& heading, const std::string& html);
// The same for the text of a file.
std::string details(const std::string& heading, const std::string& preformatted);

}  // namespace espalier::report

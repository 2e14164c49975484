// One self-contained page: style inline, no script, no network. Light and dark follow the reader's
// system; prints.
#pragma once

#include <string>

namespace espalier::report {

// Text made safe inside elements and quoted attributes. Control characters other than tab and
// newline are dropped.
std::string escape(const std::string& text);

// `body` is HTML; `title` is text.
std::string page(const std::string& title, const std::string& body);

// A drawing with one line, "What you see", below it. `drawing` is HTML, the texts are text.
std::string figure(const std::string& heading, const std::string& drawing,
                   const std::string& what_you_see);

std::string paragraph(const std::string& text, const std::string& css_class = "");

// Text of a file behind a click.
std::string details(const std::string& heading, const std::string& preformatted);

}  // namespace espalier::report

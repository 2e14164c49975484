#include "report/html.h"

#include <set>

#include "report/style.h"

namespace espalier::report {
std::string escape(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&')
      safe += "&amp;";
    else if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '"')
      safe += "&quot;";
    else if (c == '\'')
      safe += "&#39;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
      safe += c;
  }
  return safe;
}

std::string page(const std::string& title, const std::string& body, int refresh_seconds) {
  const std::string refresh = refresh_seconds > 0 ? "<meta http-equiv=\"refresh\" content=\"" +
                                                        std::to_string(refresh_seconds) + "\">\n"
                                                  : "";
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
         refresh + "<title>" + escape(title) + "</title>\n<style>" + kStyle +
         "</style>\n</head>\n<body>\n<main>\n" + body + "</main>\n</body>\n</html>\n";
}

std::string Headings::add(const std::string& heading) {
  texts_.push_back(heading);
  return "<h2 id=\"part-" + std::to_string(texts_.size()) + "\">" + escape(heading) + "</h2>\n";
}

std::string Headings::contents() const {
  std::string out = "<nav aria-label=\"Contents\"><ul>";
  for (size_t i = 0; i < texts_.size(); ++i)
    out += "<li><a href=\"#part-" + std::to_string(i + 1) + "\">" + escape(texts_[i]) + "</a></li>";
  return out + "</ul></nav>\n";
}

std::string to_html(const Figure& figure) {
  return (figure.wide ? "<figure class=\"wide\"><h3>" : "<figure><h3>") + escape(figure.heading) +
         "</h3>" + figure.drawing +
         (figure.what_you_see.empty() ? ""
                                      : "<figcaption><b>What you see.</b> " +
                                            escape(figure.what_you_see) + "</figcaption>") +
         (figure.numbers.empty() ? "" : folded("Numbers of this figure", figure.numbers)) +
         "</figure>\n";
}

std::string scrolling(const std::string& heading, const std::string& drawing) {
  return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + escape(heading) +
         ", wider than the page where it scrolls\">" + drawing + "</div>";
}

std::string figure_grid(const std::vector<Figure>& figures) {
  std::string out;
  std::set<std::string> said;
  for (Figure figure : figures) {
    if (!said.insert(figure.what_you_see).second) figure.what_you_see.clear();
    out += to_html(figure);
  }
  return out.empty() ? "" : "<div class=\"grid\">\n" + out + "</div>\n";
}

std::string paragraph(const std::string& text, const std::string& css_class) {
  return (css_class.empty() ? "<p>" : "<p class=\"" + css_class + "\">") + escape(text) + "</p>\n";
}

std::string folded(const std::string& heading, const std::string& html) {
  return "<details><summary>" + escape(heading) + "</summary>" + html + "</details>\n";
}

std::string details(const std::string& heading, const std::string& preformatted) {
  return folded(heading, "<pre>" + escape(preformatted) + "</pre>");
}

}  // namespace espalier::report

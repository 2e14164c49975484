#include "report/tables.h"

#include "report/html.h"

namespace espalier::report {
namespace {

std::string markdown_text(const std::string& text, bool strong) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') safe += '\\';
    safe += c == '\n' ? ' ' : c;
  }
  return strong && !safe.empty() ? "**" + safe + "**" : safe;
}

}  // namespace

// On a narrow screen a row is a block of lines, each cell beside its heading (data-label).
std::string to_html(const Table& table) {
  std::string out =
      "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Table, wider than the page "
      "where it scrolls\"><table><thead><tr>";
  const auto open = [&](const std::string& tag, size_t column) {
    return "<" + tag + (table.columns[column].number ? " class=\"number\"" : "");
  };
  for (size_t i = 0; i < table.columns.size(); ++i)
    out += open("th", i) + " scope=\"col\">" + escape(table.columns[i].heading) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += row.strong ? "<tr class=\"strong\">" : "<tr>";
    for (size_t i = 0; i < table.columns.size(); ++i)
      out += open("td", i) + " data-label=\"" + escape(table.columns[i].heading) + "\"><span>" +
             escape(row.cells[i]) + "</span></td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string to_markdown(const Table& table) {
  std::string out = "|", rule = "|";
  for (const Column& column : table.columns) {
    out += " " + markdown_text(column.heading, false) + " |";
    rule += column.number ? "---:|" : "---|";
  }
  out += "\n" + rule + "\n";
  for (const auto& row : table.rows) {
    out += "|";
    for (const std::string& text : row.cells) out += " " + markdown_text(text, row.strong) + " |";
    out += "\n";
  }
  return out;
}

}  // namespace espalier::report

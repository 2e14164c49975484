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

std::string to_html(const Table& table) {
  const auto cell = [&](const char* tag, size_t column, const std::string& text) {
    return std::string("<") + tag + (table.columns[column].number ? " class=\"number\">" : ">") +
           escape(text) + "</" + tag + ">";
  };
  std::string out = "<div class=\"table\"><table><thead><tr>";
  for (size_t i = 0; i < table.columns.size(); ++i) out += cell("th", i, table.columns[i].heading);
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += row.strong ? "<tr class=\"strong\">" : "<tr>";
    for (size_t i = 0; i < table.columns.size(); ++i) out += cell("td", i, row.cells[i]);
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

// A table once, as HTML for the page and as Markdown for a README.
#pragma once

#include <string>
#include <vector>

namespace espalier::report {

struct Column {
  std::string heading;
  bool number = false;  // right-aligned
};

struct Table {
  struct TableRow {
    std::vector<std::string> cells;  // text, as many as columns
    bool strong = false;
  };
  std::vector<Column> columns;
  std::vector<TableRow> rows;
};

std::string to_html(const Table& table);
std::string to_markdown(const Table& table);

}  // namespace espalier::report

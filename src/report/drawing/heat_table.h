// A table whose cells are coloured by their values: a heat map that is read aloud, searched, copied
// and printed as any table. Numbers stand in the cells, so colour is never the only sign.
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace espalier::report {

struct HeatCell {
  std::string text = "";  // "" is a place that was not asked for
  // -1 to 1: below 0 orange, above blue; NaN: hatched, a value that is missing.
  double shade = std::numeric_limits<double>::quiet_NaN();
  bool strong = false;
  std::string tooltip = {};
};

struct HeatTable {
  struct HeatRow {
    std::string name;
    std::vector<HeatCell> cells;  // as many as columns
    bool control = false;         // grey name
  };
  std::string caption = {};  // read aloud
  std::string corner = {};
  std::vector<std::string> columns = {};  // a newline begins a second line
  std::vector<HeatRow> rows = {};
};

std::string to_html(const HeatTable& table);

}  // namespace espalier::report

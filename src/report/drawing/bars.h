// Horizontal bars from zero, each with its text at the end.
#pragma once

#include <string>
#include <vector>

namespace espalier::report {

struct Bar {
  std::string name;
  double value;
  std::string text;
  int slot;  // of marks.h
};

// `most` is the value of the longest possible bar; 0: the largest value there is.
std::string svg_bars(const std::string& title, const std::vector<Bar>& bars, double most = 0);

}  // namespace espalier::report

// The one order of class names, whatever the format of the source: as numbers where all of them are
// integers ("2" before "10"), else by their bytes.
//
//   const ClassOrder classes({"10", "2", "2"});
//   classes.names();       // "2", "10"
//   classes.number("10");  // 1
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace espalier::shards {

class ClassOrder {
 public:
  ClassOrder() = default;
  // `found`: in any order, as often as they come.
  explicit ClassOrder(std::vector<std::string> found);

  const std::vector<std::string>& names() const { return names_; }
  // Of a name among those found.
  int64_t number(const std::string& name) const { return numbers_.at(name); }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, int64_t> numbers_;
};

}  // namespace espalier::shards

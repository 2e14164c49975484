#include "data/classes.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/log.h"
#include "core/options.h"

namespace espalier::data {
namespace {

// 'ant', 'bee', 'cat' and 7 more
std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kMost = 5;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    text += fmt::format("{}'{}'", i == 0 ? "" : ", ", names[i]);
  }
  return names.size() <= kMost ? text : fmt::format("{} and {} more", text, names.size() - kMost);
}

std::map<std::string, int64_t> numbers(const std::vector<std::string>& names,
                                       const std::string& where) {
  std::map<std::string, int64_t> number;
  for (size_t c = 0; c < names.size(); ++c) {
    check(number.emplace(names[c], static_cast<int64_t>(c)).second, Kind::kUsage,
          "{}: two classes have the name '{}', and classes are matched by name", where, names[c]);
  }
  return number;
}

}  // namespace

std::vector<std::string> class_names(const Dataset& set) {
  std::vector<std::string> names = set.class_names();
  if (!names.empty()) return names;
  const auto labels = set.labels();
  const int64_t count = labels.empty() ? 0 : std::ranges::max(labels) + 1;
  for (int64_t c = 0; c < count; ++c) names.push_back(fmt::format("{}", c));
  return names;
}

std::vector<int64_t> labels_by_name(const Dataset& set, const std::vector<std::string>& names,
                                    const std::string& where) {
  const auto number = numbers(names, where);
  const std::vector<std::string> own = class_names(set);
  numbers(own, where);
  std::vector<int64_t> samples(own.size());
  for (const int64_t label : set.labels()) {
    if (label >= 0) ++samples.at(static_cast<size_t>(label));
  }
  std::vector<int64_t> matched(own.size(), -1);
  std::vector<bool> there(names.size());
  std::vector<std::string> unknown, absent;
  for (size_t c = 0; c < own.size(); ++c) {
    if (samples[c] == 0) continue;
    const auto found = number.find(own[c]);
    if (found == number.end()) {
      unknown.push_back(own[c]);
      continue;
    }
    matched[c] = found->second;
    there[static_cast<size_t>(found->second)] = true;
  }
  check(unknown.empty(), Kind::kUsage,
        "{} has images of {} {}, unknown to the training set, whose {} classes are {} (try: the "
        "same names in both, espalier pack --class-names)",
        where, unknown.size() == 1 ? "class" : "classes", listed(unknown), names.size(),
        listed(names));
  for (size_t c = 0; c < names.size(); ++c) {
    if (!there[c]) absent.push_back(names[c]);
  }
  if (!absent.empty()) {
    log::info("data", "{} has no images of {} of the {} classes: {}", where, absent.size(),
              names.size(), listed(absent));
  }
  std::vector<int64_t> labels;
  labels.reserve(static_cast<size_t>(set.size()));
  for (const int64_t label : set.labels()) {
    labels.push_back(label < 0 ? -1 : matched[static_cast<size_t>(label)]);
  }
  return labels;
}

void require_labels(const Dataset& set, const std::string& where) {
  const auto labels = set.labels();
  const auto first = std::ranges::find_if(labels, [](int64_t label) { return label < 0; });
  if (first == labels.end()) return;
  const auto without = std::ranges::count_if(labels, [](int64_t label) { return label < 0; });
  throw Error(Kind::kUsage, "{}: {} of {} images have no label, {} is the first", where, without,
              set.size(), set.key(first - labels.begin()));
}

}  // namespace espalier::data

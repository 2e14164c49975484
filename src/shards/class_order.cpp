#include "shards/class_order.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace espalier::shards {
namespace {

std::optional<int64_t> integer(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

}  // namespace

ClassOrder::ClassOrder(std::vector<std::string> found) : names_(std::move(found)) {
  std::ranges::sort(names_);
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  if (std::ranges::all_of(names_, [](const auto& name) { return integer(name).has_value(); })) {
    std::ranges::stable_sort(names_, {}, [](const auto& name) { return *integer(name); });
  }
  for (const std::string& name : names_) {
    numbers_.emplace(name, static_cast<int64_t>(numbers_.size()));
  }
}

}  // namespace espalier::shards

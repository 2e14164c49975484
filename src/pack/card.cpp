#include "pack/card.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "shards/channel_statistics.h"
#include "shards/flags.h"

namespace espalier::pack {
namespace {

constexpr int64_t kMostImages = 50'000;

// A JSON string is a YAML one.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <typename Values>
std::string range_text(const Values& values) {
  const auto [least, most] = std::ranges::minmax(values);
  return least == most ? fmt::format("{}", least) : fmt::format("[{}, {}]", least, most);
}

std::string numbers_text(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) {
    text += fmt::format("{}{:.4f}", text.empty() ? "" : ", ", number);
  }
  return '[' + text + ']';
}

}  // namespace

std::string card_of(const shards::StoredSet& set, const std::string& name, int64_t threads) {
  const auto& table = set.index().table;
  const shards::ChannelStatistics statistics =
      shards::channel_statistics(set.size(), kMostImages, std::ranges::max(table.channels), threads,
                                 [&](int64_t i) { return set.image(i); });
  std::string text = fmt::format(
      "name: {}\nsource:  # where it is published\nlicence:  # what one may do with it\n"
      "cite:  # whom to name\nhash: {}\nimages: {}\n"
      "image: {{height: {}, width: {}, channels: {}}}\nimage_bytes: {}\nkind: {}\n",
      quoted(name), set.hash(), set.size(), range_text(table.height), range_text(table.width),
      range_text(table.channels), table.offset.back(), set.index().facts.kind);
  if (!set.class_names().empty()) text += "classes:\n";
  for (size_t c = 0; c < set.class_names().size(); ++c) {
    const auto samples = std::ranges::count(table.label, static_cast<int64_t>(c));
    text += fmt::format("  {}: {}\n", quoted(set.class_names()[c]), samples);
  }
  const auto unlabeled = std::ranges::count(table.label, -1);
  if (unlabeled > 0) text += fmt::format("unlabeled: {}\n", unlabeled);
  text += fmt::format("mean: {}\nstd: {}\n", numbers_text(statistics.mean),
                      numbers_text(statistics.deviation));
  if (statistics.images < set.size()) {
    text += fmt::format("statistics_images: {}\n", statistics.images);
  }
  const auto flags = shards::flag_counts(table.flags);
  if (!flags.empty()) text += "flags:\n";
  for (const auto& [flag, samples] : flags) text += fmt::format("  {}: {}\n", flag, samples);
  text += "options:\n";
  std::istringstream options(set.index().facts.converter_config);
  for (std::string line; std::getline(options, line);) text += "  " + line + '\n';
  return text;
}

}  // namespace espalier::pack

#include "pack/plan.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "pack/skipped.h"
#include "shards/flags.h"

namespace espalier::pack {
namespace {

// Pixels need one size; grey among RGB becomes RGB.
shards::SetKind choose_kind(const Format& source, const std::vector<Verdict>& verdicts,
                            const std::vector<int64_t>& items, const PackOptions& options) {
  if (options.storage == Storage::kEncoded) return shards::SetKind::kEncoded;
  const Verdict::Facts& first = verdicts[items.front()].facts;
  const auto other = std::ranges::find_if(items, [&](int64_t item) {
    const Verdict::Facts& facts = verdicts[item].facts;
    return facts.height != first.height || facts.width != first.width;
  });
  if (options.storage == Storage::kRaw) {
    check(other == items.end(), Kind::kUsage,
          "storage raw needs images of one size, but {} and {} differ (try: --storage encoded)",
          source.key(items.front()), other == items.end() ? "" : source.key(*other));
    return shards::SetKind::kRaw;
  }
  const bool small = std::max(first.height, first.width) <= kRawSide;
  return other == items.end() && small ? shards::SetKind::kRaw : shards::SetKind::kEncoded;
}

std::vector<std::string> choose_class_names(const Format& source, const PackOptions& options) {
  std::vector<std::string> names = source.class_names();
  if (options.class_names.empty()) return names;
  check(options.class_names.size() == names.size(), Kind::kUsage,
        "--class-names names {} classes, the source has {}", options.class_names.size(),
        names.size());
  for (const std::string& name : options.class_names) {
    check(std::ranges::count(options.class_names, name) == 1, Kind::kUsage,
          "--class-names names '{}' twice (try: a name for each class)", name);
  }
  return options.class_names;
}

// `raw_channels`: of every sample of a raw set; 0 in an encoded one.
shards::Sample stored_sample(const Format& source, int64_t item, const Verdict::Facts& facts,
                             int64_t raw_channels) {
  shards::Sample sample = {.key = source.key(item),
                           .label = source.label(item),
                           .codec = facts.codec,
                           .height = facts.height,
                           .width = facts.width,
                           .channels = facts.channels,
                           .stored_bytes = facts.encoded_bytes,
                           .crc32 = facts.encoded_crc32,
                           .flags = facts.flags | source.flags(item)};
  if (raw_channels == 0) return sample;
  const bool widened = facts.channels < raw_channels;
  sample.codec = image::Codec::kRaw;
  sample.channels = raw_channels;
  sample.stored_bytes = facts.height * facts.width * raw_channels;
  sample.crc32 = widened ? facts.rgb_crc32 : facts.pixels_crc32;
  sample.flags = (sample.flags & ~shards::kBaseline) | (widened ? shards::kGreyAsRgb : 0);
  return sample;
}

template <typename T>
void hash_array(Sha256& hash, const std::vector<T>& values) {
  const uint64_t count = values.size();
  hash.update(&count, sizeof count).update(values.data(), count * sizeof(T));
}

std::string hash_of(const Plan& plan) {
  Sha256 hash;
  hash.update(fmt::format("espalier plan {}\n{}{}\n", shards::kVersionMajor,
                          plan.facts.converter_config, plan.facts.kind));
  for (const std::string& name : plan.facts.class_names) hash.update(name + '\n');
  const shards::OrderFacts& order = plan.facts.order;
  if (order.block > 1) {
    hash.update(
        fmt::format("order {} {} {} {}\n", order.block, order.streams, order.run, order.window));
  }
  const shards::SampleTable& table = plan.table;
  hash_array(hash, table.offset);
  hash_array(hash, table.codec);
  hash_array(hash, table.channels);
  hash_array(hash, table.height);
  hash_array(hash, table.width);
  hash_array(hash, table.crc32);
  hash_array(hash, table.flags);
  hash_array(hash, table.label);
  hash_array(hash, table.key_offset);
  hash_array(hash, table.keys);
  hash_array(hash, plan.sha256);
  hash_array(hash, plan.shard_begin);
  return hash.update(plan.skipped.tsv).hex();
}

std::vector<std::string> warnings_of(const Format& source, const Plan& plan) {
  std::vector<std::string> warnings = source.warnings();
  if (!plan.skipped.warning.empty()) warnings.push_back(plan.skipped.warning);
  const auto unlabeled = std::ranges::count(plan.table.label, -1);
  if (unlabeled > 0 && unlabeled < plan.table.size()) {
    warnings.push_back(fmt::format("{} of {} images have no label", unlabeled, plan.table.size()));
  }
  return warnings;
}

}  // namespace

shards::Shard Plan::shard(int64_t index) const {
  return {.facts = facts,
          .shard_index = index,
          .shard_count = shards(),
          .global_start = shard_begin[index],
          .table = table.slice(shard_begin[index], shard_begin[index + 1])};
}

std::vector<int64_t> sample_order(const Format& source, const PackOptions& options) {
  std::vector<int64_t> order(static_cast<size_t>(source.size()));
  std::iota(order.begin(), order.end(), 0);
  if (options.order == SampleOrder::kPath) return order;
  const std::string prefix = fmt::format("{}\n", options.seed);
  std::vector<std::pair<Sha256::Digest, int64_t>> places;
  places.reserve(order.size());
  for (const int64_t item : order) {
    places.emplace_back(Sha256().update(prefix).update(source.key(item)).digest(), item);
  }
  std::ranges::sort(places);
  for (size_t i = 0; i < places.size(); ++i) order[i] = places[i].second;
  return order;
}

Plan make_plan(const Format& source, const std::vector<int64_t>& order,
               const std::vector<Verdict>& verdicts, const PackOptions& options) {
  Plan plan;
  plan.skipped = sort_out(source, verdicts, options);
  std::ranges::copy_if(order, std::back_inserter(plan.items),
                       [&](int64_t item) { return plan.skipped.usable[item]; });
  plan.facts.kind = choose_kind(source, verdicts, plan.items, options);
  plan.facts.class_names = choose_class_names(source, options);
  plan.facts.converter_config = options.identity(std::ranges::any_of(plan.items, [&](int64_t item) {
    return (verdicts[item].facts.flags & shards::kComposited) != 0;
  }));
  int64_t raw_channels = 0;
  if (plan.facts.kind == shards::SetKind::kRaw) {
    for (const int64_t item : plan.items) {
      raw_channels = std::max(raw_channels, verdicts[item].facts.channels);
    }
  }
  for (const int64_t item : plan.items) {
    plan.sha256.push_back(verdicts[item].facts.sha256);
    const shards::Sample sample = stored_sample(source, item, verdicts[item].facts, raw_channels);
    const int64_t shard_bytes =
        plan.table.offset.back() - plan.table.offset[plan.shard_begin.back()];
    if (shard_bytes > 0 && shard_bytes + sample.stored_bytes > options.shard_size) {
      plan.shard_begin.push_back(plan.table.size());
    }
    plan.table.append(sample);
  }
  plan.shard_begin.push_back(plan.table.size());
  plan.facts.order = shards::choose_order_facts(plan.table.size(), plan.table.offset.back());
  plan.facts.plan_sha256 = hash_of(plan);
  plan.warnings = warnings_of(source, plan);
  return plan;
}

}  // namespace espalier::pack

#include "data/plan.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace espalier::data {
namespace {

// The key as a field of a TSV file, one line whatever its bytes.
std::string tsv_text(const std::string& text) {
  std::string escaped;
  for (const char letter : text) {
    switch (letter) {
      case '\\':
        escaped += "\\\\";
        break;
      case '\t':
        escaped += "\\t";
        break;
      case '\n':
        escaped += "\\n";
        break;
      case '\r':
        escaped += "\\r";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

// The items that can be used, by key. Writes the others into the plan.
std::vector<int64_t> usable_items(const Format& source, const std::vector<Verdict>& verdicts,
                                  const PackOptions& options, Plan& plan) {
  std::vector<int64_t> items;
  int64_t first_bad = -1;
  for (int64_t i = 0; i < source.size(); ++i) {
    check(i == 0 || source.key(i - 1) < source.key(i), Kind::kBug, "key {} is out of order",
          source.key(i));
    if (verdicts[i].fault.empty()) {
      items.push_back(i);
      continue;
    }
    if (first_bad < 0) first_bad = i;
    ++plan.num_skipped;
    plan.skipped += tsv_text(source.key(i)) + '\t' + tsv_text(verdicts[i].fault) + '\n';
  }
  if (first_bad >= 0 && options.on_corrupt == "fail") {
    throw Error(Kind::kData,
                "{}: {}; {} of {} images cannot be used (try: replace them, or --on-corrupt skip)",
                source.key(first_bad), verdicts[first_bad].fault, plan.num_skipped, source.size());
  }
  check(!items.empty(), Kind::kData, "the source has no image that can be used ({} were found)",
        source.size());
  return items;
}

std::vector<int64_t> ordered(const Format& source, std::vector<int64_t> items,
                             const PackOptions& options) {
  if (options.order == "path") return items;
  std::vector<std::pair<Sha256::Digest, int64_t>> places;
  for (const int64_t item : items) {
    const std::string text = fmt::format("{}\n{}", options.seed, source.key(item));
    places.emplace_back(Sha256().update(text).digest(), item);
  }
  std::ranges::sort(places);
  for (size_t i = 0; i < places.size(); ++i) items[i] = places[i].second;
  return items;
}

std::string choose_kind(const Format& source, const std::vector<Verdict>& verdicts,
                        const std::vector<int64_t>& items, const PackOptions& options) {
  if (options.storage == kKindEncoded) return kKindEncoded;
  const image::Header& first = verdicts[items.front()].header;
  const auto other = std::ranges::find_if(items, [&](int64_t item) {
    const image::Header& header = verdicts[item].header;
    return header.height != first.height || header.width != first.width ||
           header.channels != first.channels;
  });
  if (options.storage == kKindRaw) {
    check(other == items.end(), Kind::kUsage,
          "storage raw needs images of one size, but {} and {} differ (try: --storage encoded)",
          source.key(items.front()), other == items.end() ? "" : source.key(*other));
    return kKindRaw;
  }
  const bool small = std::max(first.height, first.width) <= kRawSide;
  return other == items.end() && small ? kKindRaw : kKindEncoded;
}

std::vector<std::string> choose_class_names(const Format& source, const PackOptions& options) {
  std::vector<std::string> names = source.class_names();
  if (options.class_names.empty()) return names;
  check(options.class_names.size() == names.size(), Kind::kUsage,
        "--class-names names {} classes, the source has {}", options.class_names.size(),
        names.size());
  return options.class_names;
}

Sample stored_sample(const Format& source, int64_t item, const Verdict& verdict, bool raw) {
  const image::Header& header = verdict.header;
  return {
      .key = source.key(item),
      .label = source.label(item),
      .codec = raw ? image::Codec::kRaw : header.codec,
      .height = header.height,
      .width = header.width,
      .channels = header.channels,
      .stored_bytes = raw ? header.height * header.width * header.channels : verdict.content_bytes,
      .crc32 = raw ? verdict.pixels_crc32 : verdict.content_crc32,
      .flags = verdict.flags};
}

std::string identity_config(PackOptions options) {
  std::string text;
  for (const Field& field : options.fields()) {
    if (field.info.identity) text += fmt::format("{}: {}\n", field.name, value_text(field));
  }
  return text;
}

template <typename T>
void hash_array(Sha256& hash, const std::vector<T>& values) {
  const uint64_t count = values.size();
  hash.update(&count, sizeof count).update(values.data(), count * sizeof(T));
}

std::string hash_of(const Plan& plan) {
  Sha256 hash;
  hash.update(fmt::format("espalier plan {}\n{}{}\n", kVersionMajor, plan.facts.converter_config,
                          plan.facts.kind));
  for (const std::string& name : plan.facts.class_names) hash.update(name + '\n');
  const SampleTable& table = plan.table;
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
  return hash.update(plan.skipped).hex();
}

}  // namespace

Fields PackOptions::fields() {
  return {
      {"seed", &seed, {.min = 0, .help = "of the shuffled order"}},
      {"shard_size", &shard_size, {.min = 1, .unit = "bytes", .help = "of image bytes in a shard"}},
      {"order",
       &order,
       {.choices = {"shuffled", "path"}, .help = "of the samples: by hash(seed, key), or by key"}},
      {"storage",
       &storage,
       {.choices = {"auto", "raw", "encoded"},
        .help = "pixels, or the image files as they are; auto: pixels for one size up to 96 px"}},
      {"class_names", &class_names, {.help = "instead of the source's names, by label"}},
      {"on_corrupt",
       &on_corrupt,
       {.choices = {"fail", "skip"},
        .help = "what to do about images that cannot be decoded",
        .identity = false}},
      {"threads", &threads, {.min = 1, .help = "of each rank", .identity = false}},
  };
}

Shard Plan::shard(int64_t index) const {
  return {.facts = facts,
          .shard_index = index,
          .shard_count = shards(),
          .global_start = shard_begin[index],
          .table = table.slice(shard_begin[index], shard_begin[index + 1])};
}

Plan make_plan(const Format& source, const std::vector<Verdict>& verdicts, PackOptions options) {
  Plan plan;
  plan.items = ordered(source, usable_items(source, verdicts, options, plan), options);
  plan.facts.kind = choose_kind(source, verdicts, plan.items, options);
  plan.facts.class_names = choose_class_names(source, options);
  plan.facts.converter_config = identity_config(options);
  for (const int64_t item : plan.items) {
    plan.sha256.push_back(verdicts[item].sha256);
    const bool raw = plan.facts.kind == kKindRaw;
    const Sample sample = stored_sample(source, item, verdicts[item], raw);
    const int64_t shard_bytes =
        plan.table.offset.back() - plan.table.offset[plan.shard_begin.back()];
    if (shard_bytes > 0 && shard_bytes + sample.stored_bytes > options.shard_size) {
      plan.shard_begin.push_back(plan.table.size());
    }
    plan.table.append(sample);
  }
  plan.shard_begin.push_back(plan.table.size());
  plan.facts.plan_sha256 = hash_of(plan);
  return plan;
}

}  // namespace espalier::data

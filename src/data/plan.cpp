#include "data/plan.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <numeric>

#include "data/flags.h"

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

// Of several items of one content, the first by key stays. Gives the others their reason.
void find_duplicates(const Format& source, const std::vector<Verdict>& verdicts,
                     std::vector<std::string>& reasons) {
  std::vector<std::pair<Sha256::Digest, int64_t>> contents;
  for (int64_t i = 0; i < source.size(); ++i) {
    if (reasons[i].empty()) contents.emplace_back(verdicts[i].facts.sha256, i);
  }
  std::ranges::sort(contents);
  size_t first = 0;
  for (size_t n = 1; n < contents.size(); ++n) {
    if (contents[n].first != contents[first].first) {
      first = n;
      continue;
    }
    const int64_t kept = contents[first].second, item = contents[n].second;
    const bool same_class = source.label(kept) == source.label(item);
    reasons[item] = fmt::format("equal to {}{}", source.key(kept),
                                same_class ? "" : ", whose class is another");
  }
}

// Which items can be used. Writes the others into the plan.
std::vector<bool> usable_items(const Format& source, const std::vector<Verdict>& verdicts,
                               const PackOptions& options, Plan& plan) {
  std::vector<std::string> reasons;
  for (const Verdict& verdict : verdicts) reasons.push_back(verdict.fault);
  const auto bad = [](const std::string& reason) { return !reason.empty(); };
  const auto faults = std::ranges::count_if(reasons, bad);
  if (faults > 0 && options.on_corrupt == "fail") {
    const auto first = std::ranges::find_if(reasons, bad);
    throw Error(Kind::kData,
                "{}: {}; {} of {} images cannot be used (try: replace them, or --on-corrupt skip)",
                source.key(first - reasons.begin()), *first, faults, source.size());
  }
  if (options.duplicates == "drop") find_duplicates(source, verdicts, reasons);
  std::vector<bool> usable;
  for (int64_t i = 0; i < source.size(); ++i) {
    check(i == 0 || source.key(i - 1) < source.key(i), Kind::kBug, "key {} is out of order",
          source.key(i));
    usable.push_back(reasons[i].empty());
    if (usable[i]) continue;
    ++plan.num_skipped;
    plan.skipped += tsv_text(source.key(i)) + '\t' + tsv_text(reasons[i]) + '\n';
  }
  check(plan.num_skipped < source.size(), Kind::kData,
        "the source has no image that can be used ({} were found)", source.size());
  return usable;
}

// Pixels need one size; grey among RGB becomes RGB.
std::string choose_kind(const Format& source, const std::vector<Verdict>& verdicts,
                        const std::vector<int64_t>& items, const PackOptions& options) {
  if (options.storage == kKindEncoded) return kKindEncoded;
  const Verdict::Facts& first = verdicts[items.front()].facts;
  const auto other = std::ranges::find_if(items, [&](int64_t item) {
    const Verdict::Facts& facts = verdicts[item].facts;
    return facts.height != first.height || facts.width != first.width;
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

// `raw_channels`: of every sample of a raw set; 0 in an encoded one.
Sample stored_sample(const Format& source, int64_t item, const Verdict::Facts& facts,
                     int64_t raw_channels) {
  Sample sample = {.key = source.key(item),
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
  sample.flags = (sample.flags & ~kBaseline) | (widened ? kGreyAsRgb : 0);
  return sample;
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
  const OrderFacts& order = plan.facts.order;
  if (order.block > 1) {
    hash.update(
        fmt::format("order {} {} {} {}\n", order.block, order.streams, order.run, order.window));
  }
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
      {"duplicates",
       &duplicates,
       {.choices = {"keep", "drop"},
        .help = "drop: of images with equal bytes only the first by key is packed",
        .identity = false}},
      {"orientation",
       &orientation,
       {.choices = {"apply", "ignore"}, .help = "turn images upright as their EXIF data say"}},
      {"progressive",
       &progressive,
       {.choices = {"baseline", "keep"},
        .help = "JPEGs: to baseline without loss, which decodes several times faster"}},
      {"max_side",
       &max_side,
       {.min = 0, .unit = "px", .help = "reduce images with a longer side to it; 0 = never"}},
      {"filter", &filter, {.choices = image::filter_names(), .help = "that reduces them"}},
      {"quality",
       &quality,
       {.min = 1, .max = 100, .help = "of the JPEGs that reduced ones become"}},
      {"max_pixels",
       &max_pixels,
       {.min = 1, .help = "an image with more counts as corrupt", .identity = false}},
      {"memory",
       &memory,
       {.min = 0,
        .unit = "bytes",
        .help = "each rank may keep of decoded images, so that they are decoded once",
        .identity = false}},
      {"threads", &threads, {.min = 1, .help = "of each rank", .identity = false}},
  };
}

StorageRules PackOptions::rules() const {
  return {.limits = {.max_pixels = max_pixels},
          .turn = orientation == "apply",
          .baseline = progressive == "baseline",
          .max_side = max_side,
          .filter = image::filter_named(filter),
          .quality = static_cast<int>(quality),
          .encoded = storage != kKindRaw};
}

int64_t PackOptions::raw_side() const {
  if (storage == kKindRaw) return std::numeric_limits<int64_t>::max();
  return storage == kKindEncoded ? 0 : kRawSide;
}

Shard Plan::shard(int64_t index) const {
  return {.facts = facts,
          .shard_index = index,
          .shard_count = shards(),
          .global_start = shard_begin[index],
          .table = table.slice(shard_begin[index], shard_begin[index + 1])};
}

std::vector<int64_t> sample_order(const Format& source, const PackOptions& options) {
  std::vector<int64_t> order(static_cast<size_t>(source.size()));
  std::iota(order.begin(), order.end(), 0);
  if (options.order == "path") return order;
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
               const std::vector<Verdict>& verdicts, PackOptions options) {
  Plan plan;
  const std::vector<bool> usable = usable_items(source, verdicts, options, plan);
  std::ranges::copy_if(order, std::back_inserter(plan.items),
                       [&](int64_t item) { return usable[item]; });
  plan.facts.kind = choose_kind(source, verdicts, plan.items, options);
  plan.facts.class_names = choose_class_names(source, options);
  plan.facts.converter_config = identity_config(options);
  int64_t raw_channels = 0;
  if (plan.facts.kind == kKindRaw) {
    for (const int64_t item : plan.items) {
      raw_channels = std::max(raw_channels, verdicts[item].facts.channels);
    }
  }
  for (const int64_t item : plan.items) {
    plan.sha256.push_back(verdicts[item].facts.sha256);
    const Sample sample = stored_sample(source, item, verdicts[item].facts, raw_channels);
    const int64_t shard_bytes =
        plan.table.offset.back() - plan.table.offset[plan.shard_begin.back()];
    if (shard_bytes > 0 && shard_bytes + sample.stored_bytes > options.shard_size) {
      plan.shard_begin.push_back(plan.table.size());
    }
    plan.table.append(sample);
  }
  plan.shard_begin.push_back(plan.table.size());
  plan.facts.order = choose_order_facts(plan.table.size(), plan.table.offset.back());
  plan.facts.plan_sha256 = hash_of(plan);
  return plan;
}

}  // namespace espalier::data

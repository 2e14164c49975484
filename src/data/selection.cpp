#include "data/selection.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>

#include "core/error.h"
#include "core/random.h"

namespace espalier::data {
namespace {

// The samples of one class in a keyed order.
Selection shuffled(const Selection& samples, std::string_view name, uint64_t seed, int64_t label) {
  Draw draw(seed, name, {static_cast<uint64_t>(label)});
  Selection order;
  for (const int64_t i : draw.permutation(static_cast<int64_t>(samples.size()))) {
    order.push_back(samples[i]);
  }
  return order;
}

}  // namespace

Selection all(int64_t size) {
  Selection selection(static_cast<size_t>(size));
  std::iota(selection.begin(), selection.end(), 0);
  return selection;
}

Selection labelled(std::span<const int64_t> labels) {
  Selection selection;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0) selection.push_back(static_cast<int64_t>(i));
  }
  return selection;
}

Selection draw_some(const Selection& from, int64_t count, std::string_view name, uint64_t seed) {
  const auto size = static_cast<int64_t>(from.size());
  if (count >= size) return from;
  Selection chosen;
  for (const int64_t i : Draw(seed, name).permutation(size)) {
    if (static_cast<int64_t>(chosen.size()) == count) break;
    chosen.push_back(from[static_cast<size_t>(i)]);
  }
  std::ranges::sort(chosen);
  return chosen;
}

Selection few_shot(std::span<const int64_t> labels, std::span<const int64_t> of_class,
                   uint64_t seed) {
  const auto classes = static_cast<int64_t>(of_class.size());
  std::vector<Selection> by_class(of_class.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0 && labels[i] < classes) {
      by_class[labels[i]].push_back(static_cast<int64_t>(i));
    }
  }
  Selection chosen;
  for (int64_t c = 0; c < classes; ++c) {
    const auto there = static_cast<int64_t>(by_class[c].size());
    check(there >= of_class[c], Kind::kData, "class {} has {} samples, {} are asked for", c, there,
          of_class[c]);
    const Selection order = shuffled(by_class[c], "few_shot", seed, c);
    chosen.insert(chosen.end(), order.begin(), order.begin() + of_class[c]);
  }
  std::ranges::sort(chosen);
  return chosen;
}

Split split(std::span<const int64_t> labels, const Selection& from, double fraction,
            uint64_t seed) {
  check(fraction >= 0 && fraction < 1, Kind::kUsage, "cannot hold out a fraction of {}", fraction);
  std::map<int64_t, Selection> by_class;
  for (const int64_t i : from) by_class[labels[i]].push_back(i);
  Split split;
  for (const auto& [label, samples] : by_class) {
    const Selection order = shuffled(samples, "held_out", seed, label);
    auto count = std::lround(fraction * static_cast<double>(order.size()));
    if (fraction > 0 && order.size() > 1) count = std::max(count, 1L);
    split.held_out.insert(split.held_out.end(), order.begin(), order.begin() + count);
    split.kept.insert(split.kept.end(), order.begin() + count, order.end());
  }
  std::ranges::sort(split.kept);
  std::ranges::sort(split.held_out);
  return split;
}

Holdout hold_out(int64_t samples, int64_t block, double fraction, uint64_t seed) {
  constexpr int64_t kFewest = 4;  // held out of a block, so that rounding matters little
  const auto part = [&](int64_t of) { return std::lround(fraction * static_cast<double>(of)); };
  const bool within = part(block) >= kFewest;
  const int64_t blocks = (samples + block - 1) / block;
  std::vector<bool> out(static_cast<size_t>(samples));
  const auto first_of = [&](int64_t b) { return b * block; };
  const auto last_of = [&](int64_t b) { return std::min(samples, (b + 1) * block); };
  const auto drawn = [&](int64_t of, uint64_t index) {
    auto order = Draw(seed, "holdout", {index}).permutation(of);
    order.resize(static_cast<size_t>(part(of)));
    return order;
  };
  if (within) {
    for (int64_t b = 0; b < blocks; ++b) {
      for (const int64_t i : drawn(last_of(b) - first_of(b), static_cast<uint64_t>(b))) {
        out[static_cast<size_t>(first_of(b) + i)] = true;
      }
    }
  } else {
    for (const int64_t b : drawn(blocks, 0)) {
      for (int64_t i = first_of(b); i < last_of(b); ++i) out[static_cast<size_t>(i)] = true;
    }
  }
  Holdout parts{.block = within ? block - part(block) : block};
  for (int64_t i = 0; i < samples; ++i) {
    (out[static_cast<size_t>(i)] ? parts.held_out : parts.kept).push_back(i);
  }
  check(!parts.kept.empty() && !parts.held_out.empty(), Kind::kUsage,
        "data.holdout is {}: of {} samples {} would train and {} validate", fraction, samples,
        parts.kept.size(), parts.held_out.size());
  return parts;
}

Selection without(const Selection& from, const Selection& removed) {
  Selection rest;
  std::ranges::set_difference(from, removed, std::back_inserter(rest));
  return rest;
}

}  // namespace espalier::data

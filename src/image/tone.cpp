#include "image/tone.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/error.h"
#include "image/table.h"

namespace espalier::image {
namespace {

// How often each channel holds each value.
using Histogram = std::array<int64_t, 256>;

template <int64_t kChannels>
void count_values(const Pixels& from, Histogram* counts) {
  for (int64_t y = 0; y < from.height; ++y) {
    const uint8_t* value = from.row(y);
    for (int64_t x = 0; x < from.width; ++x) {
      for (int64_t c = 0; c < kChannels; ++c) ++counts[c][*value++];
    }
  }
}

template <typename Change>
Table table_of(Change change) {
  Table table;
  for (int value = 0; value < 256; ++value) table[value] = static_cast<uint8_t>(change(value));
  return table;
}

const Table kUnchanged = table_of([](int value) { return value; });

Table flattening(const Histogram& counts) {
  int64_t pixels = 0, brightest = 0;
  for (const int64_t count : counts) {
    pixels += count;
    if (count != 0) brightest = count;
  }
  const int64_t step = (pixels - brightest) / 255;
  if (step == 0) return kUnchanged;
  int64_t below = step / 2;
  return table_of([&](int value) {
    const int64_t level = below / step;
    below += counts[static_cast<size_t>(value)];
    return std::min<int64_t>(level, 255);
  });
}

Table stretching(const Histogram& counts) {
  const auto found = [](int64_t count) { return count != 0; };
  const auto low = std::find_if(counts.begin(), counts.end(), found) - counts.begin();
  const auto high = counts.rend() - std::find_if(counts.rbegin(), counts.rend(), found) - 1;
  if (high <= low) return kUnchanged;
  const double scale = 255.0 / static_cast<double>(high - low);
  const double offset = static_cast<double>(-low) * scale;
  return table_of([&](int value) { return std::clamp(int(value * scale + offset), 0, 255); });
}

void map_channels(const Pixels& from, Table (*make)(const Histogram&), Image& to) {
  check(from.channels <= 4, Kind::kUsage, "{} channels, at most 4 are known", from.channels);
  std::array<Histogram, 4> counts{};
  constexpr decltype(&count_values<1>) kCount[] = {count_values<1>, count_values<2>,
                                                   count_values<3>, count_values<4>};
  kCount[from.channels - 1](from, counts.data());
  std::array<Table, 4> tables;
  std::transform(counts.begin(), counts.end(), tables.begin(), make);
  look_up(from, std::span(tables).first(static_cast<size_t>(from.channels)), to);
}

}  // namespace

void solarize(const Pixels& from, double threshold, Image& to) {
  const Table table = table_of([&](int v) { return v < threshold ? v : 255 - v; });
  look_up(from, {&table, 1}, to);
}

void posterize(const Pixels& from, int64_t bits, Image& to) {
  check(bits >= 1 && bits <= 8, Kind::kUsage, "posterize to {} bits: 1 to 8", bits);
  const Table table = table_of([&](int v) { return v >> (8 - bits) << (8 - bits); });
  look_up(from, {&table, 1}, to);
}

void equalize(const Pixels& from, Image& to) { map_channels(from, flattening, to); }

void autocontrast(const Pixels& from, Image& to) { map_channels(from, stretching, to); }

}  // namespace espalier::image

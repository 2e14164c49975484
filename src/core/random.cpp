#include "core/random.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace espalier {
namespace {

// SplitMix64's finalizer (Steele, Lea, Flood 2014): mixes one word into a hash.
uint64_t mix(uint64_t hash, uint64_t word) {
  uint64_t z = hash + 0x9E3779B97F4A7C15ULL + word;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

uint64_t hash_key(uint64_t start, uint64_t seed, std::string_view name,
                  std::initializer_list<uint64_t> indices) {
  uint64_t hash = mix(start, seed);
  for (unsigned char c : name) hash = mix(hash, c);
  hash = mix(hash, name.size());
  for (uint64_t index : indices) hash = mix(hash, index);
  return mix(hash, indices.size());
}

}  // namespace

PhiloxCounter philox4x32(PhiloxCounter c, PhiloxKey k) {
  for (int round = 0; round < 10; ++round) {
    if (round > 0) k = {k[0] + 0x9E3779B9u, k[1] + 0xBB67AE85u};
    const uint64_t p0 = uint64_t{0xD2511F53u} * c[0];
    const uint64_t p1 = uint64_t{0xCD9E8D57u} * c[2];
    c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<uint32_t>(p0)};
  }
  return c;
}

Draw::Draw(uint64_t seed, std::string_view name, std::initializer_list<uint64_t> indices) {
  const uint64_t key = hash_key(1, seed, name, indices);
  const uint64_t counter = hash_key(2, seed, name, indices);
  key_ = {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)};
  counter_ = {0, 0, static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32)};
}

uint32_t Draw::word() {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[used_++];
}

uint64_t Draw::two_words() {
  const uint64_t low = word();
  return low | uint64_t{word()} << 32;
}

uint32_t Draw::u32() {
  is_random_ = true;
  return word();
}

uint64_t Draw::u64() {
  is_random_ = true;
  return two_words();
}

double Draw::uniform() { return uniform(0, 1); }

double Draw::uniform(double low, double high) {
  is_random_ |= low != high;
  return low + (high - low) * (static_cast<double>(two_words() >> 11) * 0x1.0p-53);
}

int64_t Draw::below(int64_t n) {
  is_random_ |= n > 1;
  const uint64_t range = static_cast<uint64_t>(n);
  const uint64_t reject = (0 - range) % range;  // 2^64 mod range
  uint64_t value = two_words();
  while (value < reject) value = two_words();
  return static_cast<int64_t>(value % range);
}

bool Draw::chance(double probability) {
  const bool before = is_random_;
  const bool happens = uniform() < probability;
  is_random_ = before || (0 < probability && probability < 1);
  return happens;
}

double Draw::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

void Draw::shuffle(std::span<int64_t> values) {
  for (size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[below(static_cast<int64_t>(i))]);
  }
}

std::vector<int64_t> Draw::permutation(int64_t n) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  shuffle(order);
  return order;
}

}  // namespace espalier

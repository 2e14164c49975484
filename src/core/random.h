// Keyed random numbers: every draw is a pure function of a key, never of a stream (design, law 2).
//
//   Draw draw(seed, "crop", {epoch, sample, view});
//   const int64_t top = draw.below(height - size + 1);
//
// The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC'11). A Draw hashes its key to 64 bits of Philox key and 64 bits of counter; the remaining 64
// counter bits number the values drawn. Two Draws with equal keys give equal values on any machine.
// A Draw is a small value, used by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace espalier {

using PhiloxCounter = std::array<uint32_t, 4>;
using PhiloxKey = std::array<uint32_t, 2>;

// One block of Philox4x32 with 10 rounds.
PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key);

class Draw {
 public:
  // `name` is what is drawn (an op, a mask, a parameter), `indices` are what it is drawn for.
  Draw(uint64_t seed, std::string_view name, std::initializer_list<uint64_t> indices = {});

  uint32_t u32();
  uint64_t u64();
  double uniform();                         // in [0, 1), 53 bits
  double uniform(double low, double high);  // in [low, high)
  int64_t below(int64_t n);                 // in [0, n), without bias; n > 0
  bool chance(double probability);          // true with that probability
  double normal();                          // mean 0, variance 1 (Box-Muller)
  void shuffle(std::span<int64_t> values);
  std::vector<int64_t> permutation(int64_t n);

  // Whether a Draw with another key could have given other values so far. chance(1), below(1) and
  // uniform(x, x) are settled beforehand.
  bool is_random() const { return is_random_; }

 private:
  uint32_t word();
  uint64_t two_words();

  PhiloxKey key_;
  PhiloxCounter counter_;
  PhiloxCounter block_{};
  int16_t used_ = 4;  // words of block_ already given out
  bool is_random_ = false;
};

}  // namespace espalier

// Which samples a run uses: sorted lists of sample numbers, made by keyed draws.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace espalier::data {

using Selection = std::vector<int64_t>;

Selection all(int64_t size);

// The samples that have a label.
[[nodiscard]] Selection labelled(std::span<const int64_t> labels);

// `count` samples of `from`, or all where there are fewer. The draw's key is (seed, name), and a
// draw of few samples is part of a draw of many.
[[nodiscard]] Selection draw_some(const Selection& from, int64_t count, std::string_view name,
                                  uint64_t seed);

// of_class[c] samples of each class c. For one seed the choice of 20 is part of the choice of 100,
// and the choice in a class depends on its own samples alone. kData, naming it, for a class that has
// fewer.
Selection few_shot(std::span<const int64_t> labels, std::span<const int64_t> of_class,
                   uint64_t seed);

struct Split {
  Selection kept, held_out;
};

// Holds out `fraction` of every class of `from`, rounded to whole samples, at least one where the
// class has two; samples without a label are a class of their own.
[[nodiscard]] Split split(std::span<const int64_t> labels, const Selection& from, double fraction,
                          uint64_t seed);

// The split by data.holdout.
struct Holdout {
  Selection kept, held_out;
  int64_t block = 1;  // so many neighbours in `kept` lie in one block of the set
};

// Holds out about `fraction` of samples 0 .. samples - 1 by a keyed draw that reads no label. In a
// set of large blocks a part of each block is held out; in a set of small blocks some blocks are
// held out whole, so that the kept samples can still be read by whole blocks. kUsage where nothing
// would be kept or held out.
Holdout hold_out(int64_t samples, int64_t block, double fraction, uint64_t seed);

// The samples of `from` that are not in `removed`.
[[nodiscard]] Selection without(const Selection& from, const Selection& removed);

}  // namespace espalier::data

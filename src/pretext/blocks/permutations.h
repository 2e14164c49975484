// Permutations that differ in as many places as possible.
#pragma once

#include <cstdint>
#include <vector>

namespace espalier::pretext {

using Permutation = std::vector<int64_t>;

// `count` permutations of `things`, at most 9, chosen greedily as in Noroozi & Favaro,
// "Unsupervised learning of visual representations by solving jigsaw puzzles", ECCV 2016,
// algorithm 1: each is the one whose Hamming distances to those before it have the largest sum. The
// paper begins with a random one and leaves ties open; here the first is the identity, and of
// equals the first in lexicographic order is taken, so the set is the same everywhere and a smaller
// one begins a larger. Any thread may call it; what it once found is kept.
std::vector<Permutation> far_permutations(int64_t things, int64_t count);

// How many there are.
int64_t permutation_count(int64_t things);

}  // namespace espalier::pretext

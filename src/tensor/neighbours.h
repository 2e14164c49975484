// Nearest neighbours among features, by the cosine of rows. Pure; on the device of the rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace espalier::tensor {

// Rows of length 1; a row of zeros stays.
at::Tensor directions(const at::Tensor& rows);

struct Neighbours {
  at::Tensor cosines;  // [Q, k], falling in each row
  at::Tensor rows;     // i64 [Q, k], of the bank
};

// The min(k, rows) rows of `bank` [N, D] with the largest cosine to each of `queries` [Q, D].
Neighbours nearest(const at::Tensor& queries, const at::Tensor& bank, int64_t k);

// The same of rows `of` [Q] of the bank itself, among the other rows.
Neighbours nearest_others(const at::Tensor& bank, const std::vector<int64_t>& of, int64_t k);

struct Pair {
  int64_t first = 0, second = 0;  // rows, first < second
  double cosine = 0;
};

// The pairs of rows with the largest cosines, largest first, each once. `all` are the neighbours of
// every row: a row that has more than k neighbours as near as these is in no further pair.
std::vector<Pair> closest_pairs(const Neighbours& all, int64_t count);

// The rows whose mean cosine to their k neighbours is smallest, smallest first (Ramaswamy et al.,
// "Efficient algorithms for mining outliers", SIGMOD 2000, with the mean instead of the k-th:
// Angiulli & Pizzuti, PKDD 2002).
struct Outlier {
  int64_t row = 0;
  double cosine = 0;
};
std::vector<Outlier> outliers(const Neighbours& all, int64_t count);

}  // namespace espalier::tensor

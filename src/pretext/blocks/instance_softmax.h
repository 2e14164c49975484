// A softmax in which every image of the set is a class of its own, over a table with a row for
// each: the memory bank of NPID, the weights of an exemplar network.
#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

#include "pretext/task.h"

namespace espalier::pretext {

// Over how many rows of a table the softmax is: options of a task that has one.
struct InstanceTable {
  int64_t full_up_to = 100000;
  int64_t negatives = 4096;

  Fields fields();
};

// Which rows a lane's softmax is over.
struct InstanceRows {
  at::Tensor own;    // i64 [n]: the row of each sample
  at::Tensor drawn;  // i64 [negatives]: rows that stand for all others; undefined = all are taken
};

// Row i is that of sample i, so that every rank and lane agrees without a word. Drawn rows are
// uniform, with replacement, keyed by (seed, step, name): the same for all lanes of a step. The
// tensors lie where `table` does.
InstanceRows instance_rows(const LaneInput& input, const at::Tensor& table,
                           const InstanceTable& options, std::string_view name);

struct InstanceLosses {
  at::Tensor losses;    // [n]
  at::Tensor accuracy;  // [n]: 1 where no other row in the softmax fits better
};

// -log softmax at each sample's own row, of logits features [n, D] . table [N, D] / temperature.
// With drawn rows the sum over the N - 1 others is estimated: the drawn ones that are not the own
// row, m' of them, count (N - 1) / m' each. The estimate of that sum is unbiased (Bengio & Senecal,
// "Quick training of probabilistic neural nets by importance sampling", AISTATS 2003, with a
// uniform proposal). Memory O(n N), or O(n m + m D).
InstanceLosses instance_losses(const at::Tensor& features, const at::Tensor& table,
                               const InstanceRows& rows, double temperature);

}  // namespace espalier::pretext

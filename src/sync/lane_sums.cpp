#include "sync/lane_sums.h"

#include <ATen/ATen.h>

#include "sync/tree_exchange.h"

namespace espalier::sync {
namespace {

template <typename T>
at::Tensor exact_sum(comm::Communicator& comm, const LanePlan& plan,
                     const std::vector<at::Tensor>& own) {
  std::vector<T*> blocks;
  for (const Node& block : plan.blocks_of(plan.rank())) {
    const auto at = [&](int64_t lane) { return own[static_cast<size_t>(lane - plan.first())]; };
    for (int64_t half = 1; half < block.width; half *= 2)
      for (int64_t lane = block.first; lane < block.last(); lane += 2 * half)
        at(lane).add_(at(lane + half));
    blocks.push_back(at(block.first).template data_ptr<T>());
  }
  TreeExchange(comm, plan).sum(blocks, own[0].data_ptr<T>(), own[0].numel());
  return own[0];
}

}  // namespace

comm::DataType data_type_of(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kByte:
      return comm::DataType::u8;
    case at::kLong:
      return comm::DataType::i64;
    case at::kBFloat16:
      return comm::DataType::bf16;
    case at::kHalf:
      return comm::DataType::f16;
    case at::kFloat:
      return comm::DataType::f32;
    case at::kDouble:
      return comm::DataType::f64;
    default:
      throw Error(Kind::kBug, "ranks do not exchange tensors of {}",
                  at::toString(tensor.scalar_type()));
  }
}

at::Tensor sum_of_lanes(comm::Communicator& comm, const LanePlan& plan, std::vector<at::Tensor> own,
                        bool exact) {
  const at::NoGradGuard no_grad;
  if (exact)
    return own[0].scalar_type() == at::kDouble ? exact_sum<double>(comm, plan, own)
                                               : exact_sum<float>(comm, plan, own);
  for (size_t i = 1; i < own.size(); ++i) own[0].add_(own[i]);
  comm.all_reduce(own[0].data_ptr(), own[0].numel(), data_type_of(own[0]), comm.compute_stream())
      .then(comm.compute_stream());
  return own[0];
}

at::Tensor rows_of_lanes(comm::Communicator& comm, const LanePlan& plan, const at::Tensor& own) {
  if (comm.size() == 1) return own;
  const at::NoGradGuard no_grad;
  // Ranks may own one lane more or less; all give as many rows as the largest needs.
  const int64_t rows = own.size(0) / plan.count();
  const int64_t most = (plan.lanes() + plan.ranks() - 1) / plan.ranks() * rows;
  std::vector<int64_t> shape = own.sizes().vec();
  shape[0] = most;
  at::Tensor given = own.contiguous();
  if (own.size(0) < most) {
    given = at::zeros(shape, own.options());
    given.narrow(0, 0, own.size(0)).copy_(own);
  }
  shape[0] = most * plan.ranks();
  const at::Tensor all = at::empty(shape, own.options());
  comm.all_gather(given.data_ptr(), all.data_ptr(), given.numel(), data_type_of(own),
                  comm.compute_stream())
      .then(comm.compute_stream());
  if (plan.lanes() % plan.ranks() == 0) return all;
  std::vector<at::Tensor> parts;
  for (int rank = 0; rank < plan.ranks(); ++rank)
    parts.push_back(
        all.narrow(0, rank * most, (plan.begin_of(rank + 1) - plan.begin_of(rank)) * rows));
  return at::cat(parts);
}

}  // namespace espalier::sync

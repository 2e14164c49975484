#include "engine/features.h"

#include <torch/torch.h>

#include "comm/agree.h"

namespace espalier::engine {
namespace {

constexpr int64_t kBlock = 64;  // images that are embedded at once, by one rank

// The blocks of a rank: every `ranks`-th, beginning with the rank's number.
data::Selection blocks_of(const data::Selection& selection, int64_t rank, int64_t ranks) {
  const auto size = static_cast<int64_t>(selection.size());
  data::Selection own;
  for (int64_t first = rank * kBlock; first < size; first += ranks * kBlock)
    own.insert(own.end(), selection.begin() + first,
               selection.begin() + std::min(size, first + kBlock));
  return own;
}

}  // namespace

at::Tensor gather_features(model::Backbone& backbone, Pass pass, const data::Selection& selection,
                           comm::Communicator& control) {
  const int64_t ranks = control.size(), count = static_cast<int64_t>(selection.size());
  const data::Selection own = blocks_of(selection, control.rank(), ranks);
  std::vector<at::Tensor> parts;
  pass.batch = kBlock;
  comm::agree(control, [&] {
    if (own.empty()) return;
    pass.over(own, [&](const at::Tensor& x, int64_t) {
      parts.push_back(backbone.represent({x}).cpu().to(torch::kFloat));
    });
  });
  const int64_t mine = parts.empty() ? 0 : parts[0].size(1);
  std::vector<int64_t> widths(static_cast<size_t>(ranks));
  control.all_gather(&mine, widths.data(), 1, comm::DataType::i64).wait();
  const int64_t width = *std::max_element(widths.begin(), widths.end());
  const int64_t blocks = (count + ranks * kBlock - 1) / (ranks * kBlock);  // of a rank, at most
  at::Tensor padded = torch::zeros({blocks * kBlock, width});
  if (!parts.empty())
    padded.narrow(0, 0, static_cast<int64_t>(own.size())).copy_(torch::cat(parts));
  at::Tensor all = torch::empty({ranks, blocks, kBlock, width});
  control
      .all_gather(padded.data_ptr<float>(), all.data_ptr<float>(), padded.numel(),
                  comm::DataType::f32)
      .wait();
  return all.transpose(0, 1).reshape({-1, width}).narrow(0, 0, count);
}

}  // namespace espalier::engine

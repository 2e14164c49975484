#include "pretext/blocks/instance_softmax.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include "tensor/convert.h"

namespace espalier::pretext {

Fields InstanceTable::fields() {
  constexpr double kMost = 1e12;
  return {{"full_up_to",
           &full_up_to,
           {.min = 0,
            .max = kMost,
            .unit = "images",
            .help = "the softmax is over all images of sets up to this size, beyond it over drawn "
                    "ones"}},
          {"negatives",
           &negatives,
           {.min = 1,
            .max = kMost,
            .unit = "images",
            .help = "images drawn in each step to stand for all others"}}};
}

InstanceRows instance_rows(const LaneInput& input, const at::Tensor& table,
                           const InstanceTable& options, std::string_view name) {
  const int64_t rows = table.size(0);
  InstanceRows chosen{tensor::to_tensor(input.samples, table.device()), {}};
  if (rows <= options.full_up_to) return chosen;
  Draw key(input.step.seed, name, {static_cast<uint64_t>(input.step.number)});
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(key.u64());
  chosen.drawn =
      torch::randint(rows, {options.negatives}, generator, torch::kLong).to(table.device());
  return chosen;
}

InstanceLosses instance_losses(const at::Tensor& features, const at::Tensor& table,
                               const InstanceRows& rows, double temperature) {
  const auto accuracy = [](const at::Tensor& right, const at::Tensor& losses) {
    return right.to(losses.scalar_type());
  };
  if (!rows.drawn.defined()) {
    const at::Tensor logits = torch::mm(features, table.t()) / temperature;
    const at::Tensor losses = torch::cross_entropy_loss(logits, rows.own, {}, at::Reduction::None);
    return {losses, accuracy(logits.detach().argmax(1).eq(rows.own), losses)};
  }
  // embedding() and not index_select(): its gradient has the same bits on every device.
  const at::Tensor own = (features * torch::embedding(table, rows.own)).sum(1) / temperature;
  const at::Tensor hits = rows.own.unsqueeze(1).eq(rows.drawn.unsqueeze(0));
  const at::Tensor others =
      (torch::mm(features, torch::embedding(table, rows.drawn).t()) / temperature)
          .masked_fill(hits, -std::numeric_limits<double>::infinity());
  const at::Tensor counted = (rows.drawn.size(0) - hits.sum(1)).clamp_min(1).to(own.scalar_type());
  const at::Tensor correction =
      (static_cast<double>(std::max<int64_t>(1, table.size(0) - 1)) / counted).log();
  const at::Tensor all = torch::cat({own.unsqueeze(1), others + correction.unsqueeze(1)}, 1);
  const at::Tensor losses = all.logsumexp(1) - own;
  return {losses, accuracy(own.detach() > std::get<0>(others.detach().max(1)), losses)};
}

}  // namespace espalier::pretext

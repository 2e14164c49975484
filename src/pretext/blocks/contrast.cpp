#include "pretext/blocks/contrast.h"

#include <torch/torch.h>

#include "pretext/blocks/rows.h"

namespace espalier::pretext {

Contrast contrast(const at::Tensor& embeddings, int64_t views, double temperature,
                  const Part& part) {
  const int64_t samples = embeddings.size(0);
  const int64_t first = views * part.first(samples);
  const int64_t count = views * part.last(samples) - first;
  const at::Tensor z = unit_rows(embeddings.view({samples * views, -1}));
  const at::Tensor anchors =
      torch::arange(first, first + count, embeddings.options().dtype(torch::kLong));
  const at::Tensor rows = torch::arange(count, anchors.options());
  const at::Tensor logits = torch::mm(z.narrow(0, first, count), z.t()) / temperature;
  return {
      logits.index_put({rows, anchors},
                       torch::full({}, -std::numeric_limits<double>::infinity(), logits.options())),
      anchors};
}

Compared nt_xent(const at::Tensor& embeddings, double temperature, const Part& part) {
  const auto [logits, anchors] = contrast(embeddings, 2, temperature, part);
  const at::Tensor partners = anchors.bitwise_xor(1);
  const at::Tensor right = logits.detach().argmax(1).eq(partners).sum();
  return {torch::cross_entropy_loss(logits, partners, {}, at::Reduction::Sum),
          static_cast<double>(2 * embeddings.size(0)),
          {{"accuracy", right}}};
}

Compared cross_contrast(const at::Tensor& queries, const at::Tensor& keys, double temperature,
                        const Part& part) {
  const int64_t samples = queries.size(0);
  const int64_t first = part.first(samples), last = part.last(samples);
  const at::Tensor own = torch::arange(first, last, queries.options().dtype(torch::kLong));
  at::Tensor sum, right;
  for (int64_t view = 0; view < 2; ++view) {
    const at::Tensor query = view_of(queries, view, 2).slice(0, first, last);
    const at::Tensor logits = torch::mm(query, view_of(keys, 1 - view, 2).t()) / temperature;
    const at::Tensor loss = torch::cross_entropy_loss(logits, own, {}, at::Reduction::Sum);
    const at::Tensor found = logits.detach().argmax(1).eq(own).sum();
    sum = view == 0 ? loss : sum + loss;
    right = view == 0 ? found : right + found;
  }
  return {sum, static_cast<double>(2 * samples), {{"accuracy", right}}};
}

}  // namespace espalier::pretext

#include "transfer/evaluation_set.h"

#include <torch/torch.h>

#include "tensor/convert.h"

namespace espalier::transfer {

EvaluationSet::EvaluationSet(engine::Pass pass, data::Selection selection,
                             std::vector<int64_t> labels, int64_t most_bytes)
    : pass_(pass), selection_(std::move(selection)), labels_(tensor::to_tensor(labels, c10::kCPU)) {
  const auto& shape = pass_.shape;
  if (size() * shape.values() * static_cast<int64_t>(c10::elementSize(pass_.type)) > most_bytes)
    return;
  const at::Tensor images = torch::empty({size(), shape.channels, shape.height, shape.width},
                                         torch::TensorOptions(pass_.type));
  if (size() > 0)
    pass_.over(selection_, [&](const at::Tensor& x, int64_t first) {
      images.narrow(0, first, x.size(0)).copy_(x);
    });
  images_ = images;
}

void EvaluationSet::over(const std::function<void(const at::Tensor& x, int64_t first)>& visit,
                         const FrozenFeatures* features) const {
  if (features == nullptr && !images_.defined()) return pass_.over(selection_, visit);
  if (features != nullptr) features->prepare(selection_);
  const torch::NoGradGuard no_grad;
  for (int64_t first = 0; first < size(); first += pass_.batch) {
    const int64_t count = std::min(pass_.batch, size() - first);
    const std::span samples(selection_.data() + first, static_cast<size_t>(count));
    visit(features != nullptr ? features->tensor(samples) : images_.narrow(0, first, count), first);
  }
}

engine::Scores EvaluationSet::score(const std::function<at::Tensor(const at::Tensor&)>& predict,
                                    const FrozenFeatures* features) const {
  engine::Scores scores;
  scores.predictions.resize(selection_.size());
  double loss = 0, right = 0;
  const auto visit = [&](const at::Tensor& x, int64_t first) {
    const at::Tensor target = labels_.narrow(0, first, x.size(0));
    const at::Tensor logits = predict(x).to(torch::kDouble);
    loss += torch::cross_entropy_loss(logits, target, {}, at::Reduction::Sum).item<double>();
    const at::Tensor chosen = logits.argmax(1);
    right += chosen.eq(target).sum().item<double>();
    std::copy_n(chosen.const_data_ptr<int64_t>(), x.size(0), scores.predictions.begin() + first);
  };
  over(visit, features);
  scores.loss = loss / static_cast<double>(size());
  scores.accuracy = right / static_cast<double>(size());
  return scores;
}

}  // namespace espalier::transfer

#include "engine/evaluate.h"

#include <torch/torch.h>

#include "core/activity.h"
#include "data/loader.h"
#include "tensor/convert.h"

namespace espalier::engine {

data::Selection share_of(const data::Selection& selection, int rank, int ranks) {
  data::Selection share;
  for (auto i = static_cast<size_t>(rank); i < selection.size(); i += static_cast<size_t>(ranks))
    share.push_back(selection[i]);
  return share;
}

void Pass::over(const data::Selection& selection,
                const std::function<void(const at::Tensor& x, int64_t first)>& visit) const {
  const int64_t total = static_cast<int64_t>(selection.size());
  // The loader's batches are whole; a last one that is not runs on into a second epoch, whose
  // samples are left out.
  const int64_t size = std::min(batch, total);
  data::LoaderOptions options;
  options.threads = threads;
  data::Loader loader(
      dataset, data::Order(selection, /*seed=*/0, /*shuffle=*/false),
      {.seed = seed,
       .first_position = 0,
       .batch = size,
       .begin = 0,
       .end = size,
       .steps = (total + size - 1) / size,
       .views = {{.shape = shape}}},
      augment.transform({pipeline.value_or(augment.evaluation())}, {{.shape = shape}}), options);
  const torch::NoGradGuard no_grad;
  for (int64_t first = 0; first < total; first += size) {
    image::Batch samples = loader.next();
    const int64_t count = std::min(size, total - first);
    visit(tensor::to_tensor(samples.views[0], 0, count, type, device), first);
    loader.recycle(std::move(samples));
    made_progress();
  }
}

Scores score(const Pass& pass, const data::Selection& selection, const std::vector<int64_t>& labels,
             const std::function<at::Tensor(const at::Tensor&)>& predict) {
  Scores scores;
  scores.predictions.resize(selection.size());
  double loss = 0, right = 0;
  pass.over(selection, [&](const at::Tensor& x, int64_t first) {
    std::vector<int64_t> truth;
    for (int64_t i = 0; i < x.size(0); ++i)
      truth.push_back(labels[static_cast<size_t>(selection[static_cast<size_t>(first + i)])]);
    const at::Tensor target = tensor::to_tensor(truth, pass.device);
    const at::Tensor logits = predict(x).to(torch::kDouble);
    loss += torch::cross_entropy_loss(logits, target, {}, at::Reduction::Sum).item<double>();
    const at::Tensor chosen = logits.argmax(1);
    right += chosen.eq(target).sum().item<double>();
    const at::Tensor host = chosen.cpu();
    std::copy_n(host.data_ptr<int64_t>(), x.size(0), scores.predictions.begin() + first);
  });
  scores.loss = loss / static_cast<double>(selection.size());
  scores.accuracy = right / static_cast<double>(selection.size());
  return scores;
}

}  // namespace espalier::engine

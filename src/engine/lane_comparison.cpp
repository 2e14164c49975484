// What joins lanes besides gradients: rows and sums of the whole batch, and the comparison of its
// samples.
#include <torch/torch.h>

#include "core/clock.h"
#include "engine/lane_engine.h"
#include "sync/lane_sums.h"

namespace espalier::engine {

// What lanes gave, on every rank.
void LaneEngine::gather() {
  const torch::NoGradGuard no_grad;
  const Stopwatch watch;
  const auto rows = [&](const auto& of_lane) {
    std::vector<at::Tensor> own;
    for (const Lane& lane : lanes_) own.push_back(of_lane(lane));
    if (own[0].defined())
      for (at::Tensor& tensor : own) tensor = tensor.detach();  // a kept graph is the lane's
    return own[0].defined() ? sync::rows_of_lanes(data_, plan_, torch::cat(own)) : at::Tensor();
  };
  const auto type = tensor::weight_type(options_.precision);
  gathered_.embeddings = rows([&](const Lane& lane) {
    const at::Tensor& embeddings = lane.output.embeddings;
    return embeddings.defined() ? embeddings.to(type) : embeddings;
  });
  gathered_.detached = rows([](const Lane& lane) { return lane.output.detached; });
  if (gathered_.embeddings.defined() || gathered_.detached.defined()) {
    gathered_.labels = rows([](const Lane& lane) { return lane.labels; });
    gathered_.samples = rows([](const Lane& lane) { return lane.samples; });
  }
  if (lanes_[0].output.sums.defined()) {
    std::vector<at::Tensor> own;
    for (const Lane& lane : lanes_) own.push_back(lane.output.sums.to(type).contiguous().clone());
    gathered_.sums = sync::sum_of_lanes(data_, plan_, std::move(own), options_.exact);
  }
  comm_seconds_ += watch.seconds();
}

// Each lane's part of the comparison. Returns dL/dz of the whole batch, L scaled to a sum over
// samples times the loss factor, [B, E].
at::Tensor LaneEngine::compare() {
  std::vector<at::Tensor> dz(lanes_.size());
  workers_.run(plan_.count(), [&](int64_t worker, int64_t index) {
    Replica& replica = *replicas_[static_cast<size_t>(worker)];
    Lane& lane = lanes_[static_cast<size_t>(index)];
    pretext::Gathered batch = gathered_;
    batch.embeddings = gathered_.embeddings.clone().requires_grad_();
    lane.compared = replica.network().task->compare(batch, {plan_.first() + index, plan_.lanes()});
    const double scale = samples() / lane.compared.weight;
    lane.compared_gradients = replica.gradients_of(lane.compared.sum * (scale * loss_factor_));
    const at::Tensor gradient = batch.embeddings.grad();
    dz[static_cast<size_t>(index)] =
        gradient.defined() ? gradient.contiguous() : torch::zeros_like(batch.embeddings.detach());
    lane.compared.sum = lane.compared.sum.detach() * scale;
    for (auto& metric : lane.compared.metrics) metric.second = metric.second * scale;
  });
  const Stopwatch watch;
  const at::Tensor sum = sync::sum_of_lanes(data_, plan_, std::move(dz), options_.exact);
  comm_seconds_ += watch.seconds();
  return sum;
}

}  // namespace espalier::engine

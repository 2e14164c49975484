#include "engine/lane_engine.h"

#include <torch/torch.h>

#include <cmath>

#include "core/clock.h"
#include "tensor/convert.h"

namespace espalier::engine {
namespace {

constexpr int64_t kAlignment = 16;  // values; 64 bytes of float, a cache line

int64_t padded(int64_t values) { return (values + kAlignment - 1) / kAlignment * kAlignment; }

// Shares storage with `flat` at `offset`; unlike a view it may become a gradient.
at::Tensor alias(const at::Tensor& flat, int64_t offset, const at::Tensor& like) {
  at::Tensor tensor = at::empty({0}, flat.options());
  return tensor.set_(flat.storage(), offset, like.sizes(), like.strides());
}

bool is_averaged(const NamedTensor& statistic) { return statistic.tensor.is_floating_point(); }

}  // namespace

LaneEngine::LaneEngine(Network& network, const std::function<Network()>& make_replica,
                       sync::LanePlan plan, comm::Communicator& control, comm::Communicator& data,
                       const EngineOptions& options)
    : network_(network),
      plan_(plan),
      control_(control),
      data_(data),
      options_(options),
      global_(dynamic_cast<pretext::GlobalTask*>(network.task.get()) != nullptr),
      parameters_(network.trained_parameters()),
      statistics_(network.running_statistics()),
      workers_(std::min(options.workers, plan.count()), options.lane_threads) {
  for (const NamedTensor& parameter : parameters_)
    gradient_values_ += padded(parameter.tensor.numel());
  for (int64_t i = 0; i < plan_.count(); ++i) lanes_.push_back(make_lane());
  for (int64_t i = 0; i < workers_.count(); ++i)
    replicas_.push_back(this->make_replica(make_replica));
}

LaneEngine::Lane LaneEngine::make_lane() const {
  int64_t values = gradient_values_;
  for (const NamedTensor& statistic : statistics_)
    if (is_averaged(statistic)) values += padded(statistic.tensor.numel());
  Lane lane;
  lane.flat = torch::zeros({values}, torch::TensorOptions()
                                         .dtype(tensor::weight_type(options_.precision))
                                         .device(options_.device));
  int64_t offset = 0;
  for (const NamedTensor& parameter : parameters_) {
    lane.gradients.push_back(alias(lane.flat, offset, parameter.tensor));
    offset += padded(parameter.tensor.numel());
  }
  for (const NamedTensor& statistic : statistics_) {
    if (!is_averaged(statistic)) {
      lane.statistics.push_back(torch::zeros_like(statistic.tensor));
      continue;
    }
    lane.statistics.push_back(alias(lane.flat, offset, statistic.tensor));
    offset += padded(statistic.tensor.numel());
  }
  return lane;
}

LaneEngine::Replica LaneEngine::make_replica(const std::function<Network()>& make) const {
  Replica replica{make(), {}, {}};
  replica.network.to(tensor::weight_type(options_.precision), options_.device);
  replica.parameters = replica.network.trained_parameters();
  // All tensors are shared, also those that no step changes; then the running statistics get
  // storage of their own.
  for (auto* module : {static_cast<torch::nn::Module*>(replica.network.backbone.get()),
                       static_cast<torch::nn::Module*>(replica.network.task.get())}) {
    const auto source = module == replica.network.backbone.get() ? state_of(*network_.backbone)
                                                                 : state_of(*network_.task);
    for (auto& item : module->named_parameters()) item.value().set_data(source.at(item.key()));
    for (auto& item : module->named_buffers()) item.value().set_data(source.at(item.key()));
  }
  replica.statistics = replica.network.running_statistics();
  for (NamedTensor& statistic : replica.statistics)
    statistic.tensor.set_data(statistic.tensor.clone());
  return replica;
}

pretext::Views LaneEngine::views_of(const image::Batch& batch, int64_t lane) const {
  const int64_t count = batch.size() / plan_.count();
  const int64_t first = lane * count;
  const auto slice = [&](const auto& all) {
    return std::decay_t<decltype(all)>(all.begin() + first, all.begin() + first + count);
  };
  pretext::Views views;
  for (const image::Slab& slab : batch.views)
    views.views.push_back(tensor::to_tensor(
        slab, first, count, tensor::weight_type(options_.precision), options_.device));
  views.labels = tensor::to_tensor(slice(batch.labels), options_.device);
  views.samples = slice(batch.samples);
  views.epochs = slice(batch.epochs);
  views.seed = options_.seed;
  return views;
}

// The replica's gradients go into the lane's buffer.
void LaneEngine::alias_gradients(Replica& replica, Lane& lane) {
  for (size_t i = 0; i < parameters_.size(); ++i)
    replica.parameters[i].tensor.mutable_grad() = lane.gradients[i];
}

// The same, and the replica starts from the network's statistics.
void LaneEngine::begin(Replica& replica, Lane& lane) {
  alias_gradients(replica, lane);
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < statistics_.size(); ++i)
    replica.statistics[i].tensor.copy_(statistics_[i].tensor);
}

void LaneEngine::end(Replica& replica, Lane& lane) {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < statistics_.size(); ++i)
    lane.statistics[i].copy_(replica.statistics[i].tensor);
}

StepSums LaneEngine::step(const image::Batch& batch) {
  comm_seconds_ = 0;
  for (Lane& lane : lanes_) lane.flat.zero_();
  global_ ? run_global(batch) : run_local(batch);
  std::vector<at::Tensor> flat;
  for (Lane& lane : lanes_) flat.push_back(lane.flat);
  sum_flat(flat);
  return finish();
}

void LaneEngine::run_local(const image::Batch& batch) {
  workers_.run(plan_.count(), [&](int64_t worker, int64_t index) {
    Replica& replica = replicas_[worker];
    Lane& lane = lanes_[index];
    begin(replica, lane);
    auto& task = dynamic_cast<pretext::LocalTask&>(*replica.network.task);
    pretext::LocalLoss loss;
    {
      const tensor::Autocast autocast(options_.precision, options_.device.type());
      loss = task.loss(*replica.network.backbone, views_of(batch, index));
    }
    const at::Tensor sum = loss.per_sample.sum();
    sum.backward();
    for (auto& metric : loss.metrics) metric.second = metric.second.sum();
    record(lane, sum.item<double>(), static_cast<double>(loss.per_sample.numel()), loss.metrics);
    end(replica, lane);
  });
}

void LaneEngine::run_global(const image::Batch& batch) {
  const bool keep_graph = plan_.count() == 1;
  const auto embed = [&](int64_t worker, int64_t index, bool with_graph) {
    Replica& replica = replicas_[worker];
    begin(replica, lanes_[index]);
    const torch::AutoGradMode mode(with_graph);
    const tensor::Autocast autocast(options_.precision, options_.device.type());
    auto& task = dynamic_cast<pretext::GlobalTask&>(*replica.network.task);
    return task.embed(*replica.network.backbone, views_of(batch, index));
  };
  workers_.run(plan_.count(), [&](int64_t worker, int64_t index) {
    lanes_[index].embeddings = embed(worker, index, keep_graph);
    if (keep_graph) end(replicas_[worker], lanes_[index]);
  });

  // All embeddings on every rank, then each lane's anchors' part of dL/dz.
  std::vector<at::Tensor> own;
  for (Lane& lane : lanes_)
    own.push_back(lane.embeddings.detach().to(tensor::weight_type(options_.precision)));
  const at::Tensor mine = torch::cat(own).cpu().contiguous();
  const int64_t width = mine.size(1);
  const Stopwatch watch;
  at::Tensor all =
      torch::empty({plan_.lanes() * mine.size(0) / plan_.count(), width}, mine.options());
  AT_DISPATCH_FLOATING_TYPES(mine.scalar_type(), "gather_embeddings", [&] {
    const auto values = sync::gather_lanes(control_, plan_, mine.data_ptr<scalar_t>(),
                                           mine.numel() / plan_.count());
    std::copy(values.begin(), values.end(), all.data_ptr<scalar_t>());
  });
  comm_seconds_ += watch.seconds();
  std::vector<at::Tensor> dz;
  anchor_gradients(all.to(options_.device), dz);
  sum_flat(dz);

  const int64_t rows = mine.size(0) / plan_.count();
  const at::Tensor summed = dz[0].view({-1, width});
  workers_.run(plan_.count(), [&](int64_t worker, int64_t index) {
    Lane& lane = lanes_[index];
    if (!keep_graph) lane.embeddings = embed(worker, index, true);
    const at::Tensor gradient = summed.narrow(0, (plan_.first() + index) * rows, rows);
    lane.embeddings.backward(gradient.to(lane.embeddings.scalar_type(), false, /*copy=*/true));
    if (!keep_graph) end(replicas_[worker], lane);
    lane.embeddings = at::Tensor();
  });
}

void LaneEngine::anchor_gradients(const at::Tensor& embeddings, std::vector<at::Tensor>& flat) {
  flat.resize(static_cast<size_t>(plan_.count()));
  const int64_t rows = embeddings.size(0) / plan_.lanes();
  workers_.run(plan_.count(), [&](int64_t worker, int64_t index) {
    alias_gradients(replicas_[worker], lanes_[index]);
    auto& task = dynamic_cast<pretext::GlobalTask&>(*replicas_[worker].network.task);
    const at::Tensor leaf = embeddings.clone().requires_grad_();
    const int64_t lane = plan_.first() + index;
    const pretext::GlobalLoss loss = task.loss(leaf, lane * rows, (lane + 1) * rows);
    loss.sum.backward();
    flat[index] = leaf.grad().contiguous().view(-1);
    record(lanes_[index], loss.sum.item<double>(), loss.weight, loss.metrics);
  });
}

void LaneEngine::record(Lane& lane, double loss, double weight, const pretext::Metrics& metrics) {
  lane.sums = {loss, weight};
  for (const auto& [name, value] : metrics) lane.sums.push_back(value.item<double>());
  if (&lane != &lanes_[0]) return;
  metric_names_.clear();
  for (const auto& [name, value] : metrics) metric_names_.push_back(name);
}

// flat[0] becomes the sum over all lanes of all ranks.
void LaneEngine::sum_flat(std::vector<at::Tensor>& flat) {
  const Stopwatch watch;
  if (flat[0].is_cpu()) {
    AT_DISPATCH_FLOATING_TYPES(flat[0].scalar_type(), "sum_lanes", [&] {
      std::vector<scalar_t*> own;
      for (at::Tensor& buffer : flat) own.push_back(buffer.data_ptr<scalar_t>());
      sync::sum_lanes(data_, plan_, own, flat[0].numel(), options_.exact);
    });
  } else {
    for (size_t stride = 1; stride < flat.size(); stride *= 2)
      for (size_t i = 0; i + stride < flat.size(); i += 2 * stride) flat[i].add_(flat[i + stride]);
    data_
        .all_reduce(
            flat[0].data_ptr(), flat[0].numel(),
            flat[0].scalar_type() == at::kDouble ? comm::DataType::f64 : comm::DataType::f32)
        .wait();
  }
  comm_seconds_ += watch.seconds();
}

// The one division: gradients by the weight of the whole batch, statistics by the number of lanes.
StepSums LaneEngine::finish() {
  std::vector<double*> own;
  for (Lane& lane : lanes_) own.push_back(lane.sums.data());
  const Stopwatch watch;
  sync::sum_lanes(control_, plan_, own, static_cast<int64_t>(lanes_[0].sums.size()),
                  options_.exact);
  comm_seconds_ += watch.seconds();
  const std::vector<double>& sums = lanes_[0].sums;
  at::Tensor& flat = lanes_[0].flat;
  at::Tensor gradients = flat.narrow(0, 0, gradient_values_);
  gradients.div_(sums[1]);
  flat.narrow(0, gradient_values_, flat.numel() - gradient_values_)
      .div_(static_cast<double>(plan_.lanes()));
  StepSums result;
  result.loss = sums[0] / sums[1];
  for (size_t i = 0; i < metric_names_.size(); ++i)
    result.metrics.emplace_back(metric_names_[i], sums[i + 2] / sums[1]);
  result.comm_seconds = comm_seconds_;
  result.finite = std::isfinite(result.loss) && std::isfinite(gradients.sum().item<double>());
  return result;
}

void LaneEngine::adopt_statistics() {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < statistics_.size(); ++i)
    statistics_[i].tensor.copy_(lanes_[0].statistics[i]);
}

std::string LaneEngine::first_nonfinite_gradient() const {
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (!gradients()[i].isfinite().all().item<bool>()) return parameters_[i].name;
  return "";
}

}  // namespace espalier::engine

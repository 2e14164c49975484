#include "engine/lane_engine.h"

#include <torch/torch.h>

#include <cmath>

#include "comm/agree.h"
#include "core/clock.h"
#include "optim/clip.h"
#include "sync/lane_sums.h"
#include "tensor/convert.h"

namespace espalier::engine {
namespace {

std::vector<at::Tensor> tensors_of(const std::vector<NamedTensor>& named, bool averaged_alone) {
  std::vector<at::Tensor> tensors;
  for (const NamedTensor& item : named)
    if (!averaged_alone || is_averaged(item)) tensors.push_back(item.tensor);
  return tensors;
}

int64_t workers_of(const EngineOptions& options, const sync::LanePlan& plan) {
  return options.shared_statistics ? plan.count() : std::min(options.workers, plan.count());
}

at::Tensor detached(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.detach() : tensor;
}

}  // namespace

LaneEngine::LaneEngine(Network& network, const std::function<Network()>& make_replica,
                       sync::LanePlan plan, comm::Communicator& control, comm::Communicator& data,
                       const EngineOptions& options)
    : network_(network),
      plan_(plan),
      control_(control),
      data_(data),
      options_(options),
      compares_(network.task->compares()),
      parameters_(network.trained_parameters()),
      statistics_(network.running_statistics()),
      sum_(tensors_of(parameters_, false), tensors_of(statistics_, true), plan, data,
           {.exact = options.exact,
            .workers = workers_of(options, plan),
            .bucket_values = options.bucket_values,
            .wire = options.wire}),
      lanes_(static_cast<size_t>(plan.count())),
      workers_(workers_of(options, plan), options.lane_threads) {
  if (options.shared_statistics) {
    check(data.concurrent(), Kind::kUsage,
          "model.norm_sync is global, and here only one thread may communicate (try: "
          "model.norm_sync=local)");
    meeting_comm_ = data.duplicate();
    meeting_.emplace(*meeting_comm_, plan, options.exact);
    for (int64_t i = 0; i < plan.count(); ++i) lane_statistics_.emplace_back(*meeting_, i);
  }
  gradients_.assign(sum_.result().views.begin(),
                    sum_.result().views.begin() + static_cast<int64_t>(parameters_.size()));
  for (const NamedTensor& statistic : statistics_)
    counters_.push_back(is_averaged(statistic) ? at::Tensor() : statistic.tensor.clone());
  if (options.gpu.module != nullptr) input_.emplace(options.gpu, options.device);
  for (int64_t i = 0; i < workers_.count(); ++i) {
    Network made = make_replica();
    made.to(tensor::weight_type(options.precision), options.device);
    replicas_.push_back(std::make_unique<Replica>(std::move(made), network));
  }
}

pretext::LaneInput LaneEngine::input_of(const image::Batch& batch, const pretext::Step& step,
                                        int64_t lane) const {
  const int64_t count = lane_samples_, first = lane * count;
  const auto slice = [&](const auto& all) {
    return std::decay_t<decltype(all)>(all.begin() + first, all.begin() + first + count);
  };
  const at::ScalarType type = tensor::weight_type(options_.precision);
  pretext::LaneInput input;
  for (size_t view = 0; view < batch.views.size(); ++view)
    input.views.push_back(
        input_ ? input_->view(view, first, count, type)
               : tensor::to_tensor(batch.views[view], first, count, type, options_.device));
  input.labels = input_ ? input_->labels(first, count)
                        : tensor::to_tensor(slice(batch.labels), options_.device);
  input.samples = slice(batch.samples);
  input.epochs = slice(batch.epochs);
  input.step = step;
  input.lane = plan_.first() + lane;
  return input;
}

void LaneEngine::stage(const image::Batch& next) {
  if (input_) input_->stage(next, data_.compute_stream());
}

StepSums LaneEngine::step(const image::Batch& batch, const pretext::Step& step,
                          const StepExtras& extras) {
  comm_seconds_ = 0;
  lane_samples_ = batch.size() / plan_.count();
  loss_factor_ = extras.loss_factor;
  gathered_ = {.step = step};
  StepSums sums;
  // Told at once: peers, and this rank's own communicating thread, may be waiting for this rank.
  comm::raise_errors(control_, [&] {
    if (input_) input_->use(batch, data_.compute_stream());
    run(batch, step);
    if (input_ && extras.meanwhile) extras.meanwhile();
    sums = finish(extras);
  });
  if (!input_ && extras.meanwhile) extras.meanwhile();
  return sums;
}

void LaneEngine::run(const image::Batch& batch, const pretext::Step& step) {
  at::Tensor dz;
  if (compares_) {
    embed(batch, step);
    gather();
    dz = compare();
  }
  sum_.begin(samples() * loss_factor_);
  run_lanes([&](int64_t worker, int64_t index) {
    run_lane(worker, index, input_of(batch, step, index), dz);
  });
  const Stopwatch watch;
  sum_.finish();
  comm_seconds_ += watch.seconds();
  if (!compares_) gather();
}

// Lanes that wait for one that failed end with its error.
void LaneEngine::run_lanes(const std::function<void(int64_t worker, int64_t index)>& work) {
  if (meeting_) meeting_->begin();
  workers_.run(plan_.count(), [&](int64_t worker, int64_t index) {
    try {
      const model::SharedStatistics shared(meeting_ ? &lane_statistics_[static_cast<size_t>(index)]
                                                    : nullptr);
      work(worker, index);
    } catch (...) {
      sum_.fail(std::current_exception());
      if (meeting_) meeting_->fail(std::current_exception());
      throw;
    }
  });
}

pretext::LaneOutput LaneEngine::forward(Replica& replica, const pretext::LaneInput& input,
                                        bool with_graph) {
  replica.set_statistics(statistics_);
  const torch::AutoGradMode mode(with_graph);
  const tensor::Autocast autocast(options_.precision, options_.device.type());
  return replica.network().task->run(*replica.network().backbone, input);
}

// What gather() gives beside rows.
void LaneEngine::keep_ids(Lane& lane, const pretext::LaneInput& input, int64_t index) const {
  lane.labels = input.labels;
  lane.samples = input_ ? input_->samples(index * lane_samples_, lane_samples_)
                        : tensor::to_tensor(input.samples, options_.device);
}

void LaneEngine::embed(const image::Batch& batch, const pretext::Step& step) {
  run_lanes([&](int64_t worker, int64_t index) {
    Replica& replica = *replicas_[static_cast<size_t>(worker)];
    const pretext::LaneInput input = input_of(batch, step, index);
    Lane& lane = lanes_[static_cast<size_t>(index)];
    lane.output = forward(replica, input, keeps_graph());
    keep_ids(lane, input, index);
  });
}

void LaneEngine::run_lane(int64_t worker, int64_t index, const pretext::LaneInput& input,
                          const at::Tensor& dz) {
  Replica& replica = *replicas_[static_cast<size_t>(worker)];
  Lane& lane = lanes_[static_cast<size_t>(index)];
  if (!keeps_graph()) lane.output = forward(replica, input, /*with_graph=*/true);
  pretext::LaneOutput& output = lane.output;
  check(output.losses.defined() || output.embeddings.defined(), Kind::kBug,
        "the task gives neither losses nor embeddings");
  Replica::Roots roots;
  if (output.losses.defined()) {
    check(output.losses.dim() == 1 && output.losses.size(0) == lane_samples_, Kind::kBug,
          "a task gives one loss for each of {} samples, not {}", lane_samples_,
          output.losses.numel());
    roots.add(output.losses, torch::full_like(output.losses, loss_factor_));
  }
  if (compares_) {
    const at::Tensor own = dz.narrow(0, input.lane * lane_samples_, lane_samples_);
    roots.add(output.embeddings, own.to(output.embeddings.scalar_type(), false, /*copy=*/true));
  }
  replica.backward(sum_, index, sum_.start(worker, index), roots, lane.compared_gradients);
  if (index == 0)
    for (size_t i = 0; i < counters_.size(); ++i)
      if (counters_[i].defined()) counters_[i].copy_(replica.statistics()[i].tensor);
  if (!compares_) {
    keep_ids(lane, input, index);
  }
  record(lane);
}

// Loss and metrics as one tensor; what had a graph is let go.
void LaneEngine::record(Lane& lane) {
  pretext::LaneOutput& output = lane.output;
  const auto scalar = [](const at::Tensor& value) { return value.detach().sum().to(at::kDouble); };
  at::Tensor loss = output.losses.defined()
                        ? scalar(output.losses)
                        : torch::zeros({}, lane.compared.sum.options().dtype(at::kDouble));
  if (compares_) loss = loss + scalar(lane.compared.sum);
  std::vector<at::Tensor> sums = {loss};
  std::vector<std::string> names;
  for (const pretext::Metrics* metrics : {&output.metrics, &lane.compared.metrics})
    for (const auto& [name, value] : *metrics) {
      names.push_back(name);
      sums.push_back(scalar(value));
    }
  lane.sums = torch::stack(sums);
  output.losses = at::Tensor();
  output.embeddings = detached(output.embeddings);
  output.metrics.clear();
  lane.compared = {};
  lane.compared_gradients.clear();
  if (&lane == &lanes_[0]) metric_names_ = std::move(names);
}

// The one read of the device in a step: losses, metrics, and whether all is finite.
StepSums LaneEngine::finish(const StepExtras& extras) {
  std::vector<at::Tensor> rows;
  for (Lane& lane : lanes_) rows.push_back(lane.sums);
  const auto width = rows[0].size(0), count = static_cast<int64_t>(rows.size());
  rows.push_back(torch::stack({sum_.own_probe(), sum_.sum_probe()}).to(at::kDouble));
  if (extras.gradient_norm) rows.push_back(optim::norm_of(gradients_).view({1}));
  at::Tensor read = torch::cat(rows);
  data_.synchronize(data_.compute_stream());
  read = read.cpu();
  std::vector<at::Tensor> own;
  for (int64_t i = 0; i < count; ++i) own.push_back(read.narrow(0, i * width, width).clone());
  StepSums result;
  const double* probes = read.const_data_ptr<double>() + count * width;
  result.own_finite = std::isfinite(probes[0]);
  if (extras.gradient_norm) result.gradient_norm = probes[2];
  for (const at::Tensor& sums : own) result.own_finite &= std::isfinite(sums[0].item<double>());
  const Stopwatch watch;
  const at::Tensor all = sync::sum_of_lanes(control_, plan_, std::move(own), options_.exact);
  comm_seconds_ += watch.seconds();
  const double* sums = all.const_data_ptr<double>();
  result.loss = sums[0] / samples();
  for (size_t i = 0; i < metric_names_.size(); ++i)
    result.metrics.emplace_back(metric_names_[i], sums[i + 1] / samples());
  result.comm_seconds = comm_seconds_;
  result.finite = std::isfinite(result.loss) && std::isfinite(probes[1]);
  if (plan_.ranks() == 1) result.own_finite = result.finite;
  return result;
}

void LaneEngine::adopt_statistics() {
  const torch::NoGradGuard no_grad;
  size_t place = parameters_.size();
  for (size_t i = 0; i < statistics_.size(); ++i)
    statistics_[i].tensor.copy_(counters_[i].defined() ? counters_[i]
                                                       : sum_.result().views[place++]);
}

pretext::Scalars LaneEngine::after_step(const pretext::Step& step) {
  const torch::NoGradGuard no_grad;
  return network_.task->after_step(*network_.backbone, step, gathered_);
}

std::string LaneEngine::first_nonfinite_gradient() const {
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (!gradients_[i].isfinite().all().item<bool>()) return parameters_[i].name;
  return "";
}

int64_t LaneEngine::gradient_bytes() const { return sum_.buffer_count() * sum_.buffer_bytes(); }

}  // namespace espalier::engine

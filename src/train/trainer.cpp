#include "train/trainer.h"

#include <torch/torch.h>
#include <torch/version.h>

#include <csignal>

#include "comm/agree.h"
#include "comm/faults.h"
#include "comm/topology.h"
#include "comm/world.h"
#include "core/files.h"
#include "core/log.h"
#include "data/classes.h"
#include "tensor/instruction_set.h"
#include "train/agreement.h"
#include "train/device.h"
#include "train/export.h"
#include "train/open_dataset.h"
#include "train/provenance.h"

namespace espalier::train {
namespace {

constexpr const char* kMemoryFormat = "channels_last";

volatile std::sig_atomic_t stop_wanted = 0;

void listen_for_stop() {
  for (int signal : {SIGTERM, SIGUSR1}) std::signal(signal, [](int) { stop_wanted = 1; });
}

}  // namespace

Trainer::Trainer(RunConfig config, RunFolder folder, comm::Communicator& control, bool quiet)
    : config_(std::move(config)),
      folder_(std::move(folder)),
      control_(control),
      quiet_(quiet),
      leader_(control.rank() == 0) {
  control_.set_deadline(config_.train.deadline_seconds);
  comm::agree(control_, [&] { cut(); });
  dataset_ = open_dataset(control_, config_.data.shards, config_.data.reading, share());
  if (!config_.data.validation.empty())
    validation_ = open_dataset(control_, config_.data.validation, config_.data.reading, {});
  comm::agree(control_, [&] { open(); });
  data_comm_ = make_data_communicator(config_, control_, device_);
  data_comm_->set_deadline(config_.train.deadline_seconds);
  comm::agree(control_, [&] { build(); });
  const TrainingView view = this->view();
  for (auto& hook : config_.hooks) comm::agree(control_, [&] { hook.second->check(view); });
  require_equal_ranks(control_, config_, dataset_->hash(), engine_->parameters());
}

Trainer::~Trainer() = default;

void Trainer::cut() {
  check(!config_.data.shards.empty(), Kind::kUsage,
        "data.shards is empty: it names the folder of a packed set (try: espalier pack)");
  lanes_ = std::stoll(config_.parallel.lanes);
  plan_.emplace(lanes_, control_.size(), control_.rank());
  const int64_t batch = config_.data.batch;
  check(batch >= lanes_ && batch % lanes_ == 0, Kind::kUsage,
        "data.batch is {}, it must be a multiple of parallel.lanes, {} (try: data.batch={})", batch,
        lanes_, std::max(lanes_, batch / lanes_ * lanes_));
}

data::BatchShare Trainer::share() const {
  const int64_t lane_batch = config_.data.batch / lanes_;
  return {config_.data.batch, plan_->first() * lane_batch, plan_->last() * lane_batch};
}

void Trainer::open() {
  shape_ = config_.view_shape(*dataset_);
  names_ = data::class_names(*dataset_);
  parts_ = config_.parts(*dataset_);
  if (config_.data.holdout > 0) validation_ = dataset_;
  if (validation_)
    validating_ = config_.data.holdout > 0 ? parts_.held_out : data::all(validation_->size());
  samples_ = dataset_->size() - static_cast<int64_t>(parts_.held_out.size());
  device_ = choose_device(config_.train.device, config_.parallel.mode);
  precision_ = tensor::parse_precision(config_.train.precision, device_);
  const int64_t batch = config_.data.batch;
  check(batch <= samples_, Kind::kUsage, "data.batch is {}, the set has {} samples to train on",
        batch, samples_);
  steps_ = config_.steps(samples_);
}

void Trainer::build() {
  torch::set_num_threads(static_cast<int>(config_.parallel.lane_threads));
  const auto make = [this] {
    return config_.make_network(shape_, static_cast<int64_t>(names_.size()));
  };
  network_ = make();
  if (network_.task->needs_labels())
    data::require_labels(*dataset_, fmt::format("task {} needs labels, data.shards ({})",
                                                config_.task, config_.data.shards));
  network_.initialise(config_.model.init, static_cast<uint64_t>(config_.seed));
  network_.to(tensor::weight_type(precision_), device_);
  network_.train(true);
  const int64_t lane_batch = config_.data.batch / lanes_;
  check(
      lane_batch >= 2 || network_.moving_buffers().empty(), Kind::kUsage,
      "a lane has {} sample, batch normalisation needs 2 (try: data.batch={} or model.norm=group)",
      lane_batch, 2 * lanes_);
  EngineOptions options;
  options.workers = device_.is_cpu()
                        ? std::max<int64_t>(1, comm::allowed_cores() / comm::local_size() /
                                                   config_.parallel.lane_threads)
                        : 1;
  options.lane_threads = config_.parallel.lane_threads;
  options.exact = config_.parallel.mode == "exact";
  options.precision = precision_;
  options.device = device_;
  options.seed = static_cast<uint64_t>(config_.seed);
  engine_ = std::make_unique<LaneEngine>(network_, make, *plan_, control_, *data_comm_, options);
  std::vector<std::string> names;
  std::vector<at::Tensor> weights;
  for (const NamedTensor& parameter : engine_->parameters()) {
    names.push_back(parameter.name);
    weights.push_back(parameter.tensor);
  }
  config_.optimizer->start(optim::decay_groups(names, weights, engine_->gradients(),
                                               /*lr_factor=*/1, config_.optim.decay_vectors));
}

RunState Trainer::state() const {
  return {.step = step_,
          .position = static_cast<uint64_t>(step_) * static_cast<uint64_t>(config_.data.batch),
          .lanes = lanes_,
          .lane_threads = config_.parallel.lane_threads,
          .instruction_set = tensor::instruction_set(),
          .memory_format = kMemoryFormat,
          .libtorch = TORCH_VERSION,
          .data_hash = dataset_->hash(),
          .config_hash = config_.document.identity_hash(),
          .input = shape_,
          .classes = names_};
}

void Trainer::restore(const LoadedCheckpoint& checkpoint) {
  require_same_run(checkpoint, config_, state());
  load_state(*network_.backbone, checkpoint.model, checkpoint.name + "/model.safetensors");
  load_state(*network_.task, checkpoint.task, checkpoint.name + "/task.safetensors");
  config_.optimizer->restore(checkpoint.optim);
  step_ = saved_step_ = checkpoint.state.step;
}

int Trainer::run(bool resume, const std::string& command) {
  comm::agree(control_, [&] {
    const bool used =
        std::filesystem::exists(folder_.path) && !std::filesystem::is_empty(folder_.path);
    check(resume || !used, Kind::kUsage, "{} is not empty (try: --resume, or another --out)",
          folder_.path.string());
    if (!resume) return;
    if (const auto checkpoint = load_checkpoint(folder_, leader_)) restore(*checkpoint);
  });
  sync::require_equal(control_, "step to begin from", std::to_string(step_));
  comm::on_rank_zero(control_, [&] {
    make_directories(folder_.path);
    log::add_file(folder_.log());
    truncate_jsonl(folder_.metrics(), "step", step_ > 0 ? step_ : -1);
    write_file(folder_.config(), config_.document.resolved());
  });
  metrics_ =
      std::make_unique<MetricsLog>(folder_, leader_, config_.data.batch, config_.train.log_steps);
  log::info("pretrain",
            "{} on {}, {} parameters, {} samples, batch {}, {} lanes on {} ranks, {} steps, {}",
            config_.task, config_.model.name, with_commas(parameter_count(network_)),
            with_commas(samples_), config_.data.batch, lanes_, control_.size(), with_commas(steps_),
            config_.parallel.mode);
  if (step_ > 0) log::info("pretrain", "resumed after step {}", step_);
  if (step_ == 0) metrics_->add_before_training(run_hooks());
  listen_for_stop();
  const Stopwatch watch;
  loop();
  comm::on_rank_zero(control_, [&] {
    const std::string data_hash = dataset_->hash();
    write_provenance(folder_, config_,
                     {control_.size(), lanes_, command, data_hash, watch.seconds()});
    if (!stopped_) export_backbone(folder_, config_, network_, {shape_, step_, data_hash, names_});
  });
  return stopped_ ? kExitRequeue : 0;
}

void Trainer::start_loader() {
  const int64_t views = network_.task->view_count();
  const std::vector<image::SlabFormat> formats(static_cast<size_t>(views), {.shape = shape_});
  const auto seed = static_cast<uint64_t>(config_.seed);
  loader_ = make_loader(
      *dataset_, parts_, config_.data, share(),
      {.seed = seed, .first_position = state().position, .steps = steps_ - step_, .views = formats},
      config_.augment.transform(config_.augment.pipelines(views), formats),
      config_.train.deadline_seconds);
}

void Trainer::loop() {
  comm::agree(control_, [&] { start_loader(); });
  progress_ = std::make_unique<Progress>("pretrain", "steps", steps_, leader_ && !quiet_);
  progress_->update(step_);
  image::Batch batch;
  comm::agree(control_, [&] {
    if (step_ < steps_) batch = loader_->next();
  });
  metrics_->start(loader_->wait_seconds());
  while (step_ < steps_ && !stopped_) {
    const comm::FaultPlan& faults = comm::FaultPlan::instance();
    faults.at_step(control_.rank(), step_ + 1);
    if (faults.nan(control_.rank(), step_ + 1))
      *reinterpret_cast<float*>(batch.views[0].bytes.data()) = std::nanf("");
    const StepSums sums = engine_->step(batch);
    loader_->recycle(std::move(batch));
    // Whether the next step has its data rides in this step's record.
    std::exception_ptr next_error;
    try {
      if (step_ + 1 < steps_) batch = loader_->next();
    } catch (...) {
      next_error = std::current_exception();
    }
    stopped_ = finish_step(step_ + 1, sums, next_error);
  }
  if (saved_step_ != step_) save(/*required=*/true);
  progress_.reset();
  loader_.reset();
}

// Agrees on the step and completes it. True when the run is to stop here.
bool Trainer::finish_step(int64_t step, const StepSums& sums, std::exception_ptr next_error) {
  const sync::StepDecision decision = sync::exchange(control_, {.step = step,
                                                                .stop_wanted = stop_wanted != 0,
                                                                .nonfinite = !sums.finite,
                                                                .error = next_error});
  if (decision.skip) {
    const std::string culprit = engine_->first_nonfinite_gradient();
    if (leader_)
      log::warning("pretrain", "step {} is skipped: loss {}, first gradient that is not finite: {}",
                   step, sums.loss, culprit.empty() ? "none" : culprit);
    if (++nonfinite_in_a_row_ >= config_.train.nonfinite_limit)
      throw Error(Kind::kData,
                  "step {}: {} steps in a row had a loss or gradient that is not finite (try: a "
                  "lower optim.lr)",
                  step, nonfinite_in_a_row_)
          .set_agreed();
  } else {
    nonfinite_in_a_row_ = 0;
    engine_->adopt_statistics();
    config_.optimizer->step(lr_at(step - 1), step);
  }
  step_ = step;
  const Stopwatch hook_watch;
  const Scalars measured = epoch_ends_with(step) ? run_hooks() : Scalars();
  const double epoch =
      static_cast<double>(step * config_.data.batch) / static_cast<double>(samples_);
  metrics_->add({.step = step,
                 .epoch = epoch,
                 .lr = lr_at(step - 1),
                 .waited_seconds = loader_->wait_seconds(),
                 .hook_seconds = hook_watch.seconds()},
                sums, measured,
                /*last=*/step == steps_);
  progress_->update(
      step, fmt::format("loss {:.4f}, data wait {:.0f} %", sums.loss, 100 * loader_->wait_share()));
  const int64_t interval = config_.train.checkpoint_steps;
  if (interval > 0 && step % interval == 0 && step < steps_ && !decision.stop)
    save(/*required=*/false);
  return decision.stop && step < steps_;
}

Scalars Trainer::run_hooks() {
  Scalars measured;
  TrainingView view = this->view();
  for (auto& [name, hook] : config_.hooks)
    for (auto& scalar : hook->measure(view)) measured.push_back(std::move(scalar));
  return measured;
}

TrainingView Trainer::view() {
  return {config_,     network_,    shape_,
          *dataset_,   parts_.kept, validation_ ? &*validation_ : nullptr,
          validating_, control_,    device_};
}

double Trainer::lr_at(int64_t step) const {
  return config_.optim.lr * config_.schedule->factor(step, steps_);
}

bool Trainer::epoch_ends_with(int64_t step) const {
  const int64_t n = samples_, b = config_.data.batch;
  return step == steps_ || step * b / n > (step - 1) * b / n;
}

// `required`: at the end of a run a failure is one; between, the older checkpoint stands and the
// next is tried.
void Trainer::save(bool required) {
  try {
    comm::on_rank_zero(control_, [&] {
      check(!comm::FaultPlan::instance().enospc(0, step_), Kind::kIo,
            "cannot write {}: No space left on device",
            (folder_.checkpoints() / RunFolder::checkpoint_name(step_)).string());
      metrics_->sync();
      save_checkpoint(folder_, state(), network_, *config_.optimizer, config_.document.resolved(),
                      config_.train.keep_checkpoints);
    });
    saved_step_ = step_;
  } catch (const Error& error) {
    if (required || error.kind() != Kind::kIo) throw;
    if (leader_) log::warning("pretrain", "no checkpoint at step {}: {}", step_, error.what());
  }
}

}  // namespace espalier::train

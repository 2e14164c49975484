#include "train/trainer.h"

#include <torch/torch.h>
#include <torch/version.h>

#include "comm/agree.h"
#include "comm/topology.h"
#include "comm/world.h"
#include "core/files.h"
#include "core/log.h"
#include "data/classes.h"
#include "engine/backbone_file.h"
#include "engine/device.h"
#include "engine/provenance.h"
#include "tensor/instruction_set.h"
#include "train/agreement.h"
#include "train/normalisation.h"
#include "train/open_dataset.h"
#include "train/run_provenance.h"

namespace espalier::train {
namespace {

constexpr const char* kMemoryFormat = "channels_last";

bool holds_files(const std::filesystem::path& folder) {
  std::error_code error;
  const bool holds =
      std::filesystem::exists(folder, error) && !std::filesystem::is_empty(folder, error);
  check(!error, Kind::kIo, "cannot look into {}: {}", folder.string(), error.message());
  return holds;
}

}  // namespace

Trainer::Trainer(RunConfig config, engine::RunFolder folder, comm::Communicator& control,
                 bool quiet)
    : config_(std::move(config)),
      folder_(std::move(folder)),
      control_(control),
      quiet_(quiet),
      leader_(control.rank() == 0),
      history_(leader_) {
  require_equal_options(control_, config_);
  control_.set_deadline(config_.train.deadline_seconds);
  comm::agree(control_, [&] { cut(); });
  dataset_ = open_dataset(control_, config_.data.shards, config_.data.reading, share());
  if (!config_.data.validation.empty())
    validation_ = open_dataset(control_, config_.data.validation, config_.data.reading, {});
  comm::agree(control_, [&] { open(); });
  config_ = with_normalisation_of(control_, std::move(config_), *dataset_, parts_.kept,
                                  facts_.input.channels);
  data_comm_ = engine::make_data_communicator(config_.parallel.communicator, control_, device_);
  data_comm_->set_deadline(config_.train.deadline_seconds);
  comm::agree(control_, [&] { build(); });
  const TrainingView view = this->view();
  for (auto& hook : hooks_) comm::agree(control_, [&] { hook.second->check(view); });
  if (device_.is_cpu())
    comm::warn_of_binding(control_, plan_->count() * config_.parallel.lane_threads);
  require_equal_ranks(control_, dataset_->hash(), run_->engine().parameters());
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
  facts_ = config_.data_facts(*dataset_);
  names_ = data::class_names(*dataset_);
  parts_ = config_.parts(*dataset_);
  if (config_.data.holdout > 0) validation_ = dataset_;
  if (validation_)
    validating_ = config_.data.holdout > 0 ? parts_.held_out : data::all(validation_->size());
  device_ =
      engine::choose_device(config_.train.device, config_.parallel.mode, engine::usable_gpus());
  tensor::require_precision(config_.train.precision, device_);
  if (config_.train.precision == tensor::Precision::kFp16) loss_scale_.emplace();
  const int64_t batch = config_.data.batch;
  check(batch <= facts_.samples, Kind::kUsage,
        "data.batch is {}, the set has {} samples to train on", batch, facts_.samples);
  steps_ = config_.steps(facts_.samples);
}

void Trainer::build() {
  run_ = std::make_unique<RunEngine>(
      config_, facts_, RunPlace{*plan_, control_, *data_comm_, device_, config_.train.precision});
  if (run_->network().task->needs_labels())
    data::require_labels(*dataset_, fmt::format("task {} needs labels, data.shards ({})",
                                                config_.task, config_.data.shards));
  course_ =
      config_.optim.make_course(config_.document, run_->optimizer(), config_.data.batch, steps_);
  for (const std::string& name : config_.train.hooks) {
    hooks_.emplace_back(name, Registry<Hook>::create(name));
    config_.document.fill(name, hooks_.back().second->fields());
  }
}

RunState Trainer::state() const {
  return {.step = step_,
          .position = static_cast<uint64_t>(step_) * static_cast<uint64_t>(config_.data.batch),
          .lanes = lanes_,
          .lane_threads = config_.parallel.lane_threads,
          .nonfinite_in_a_row = nonfinite_in_a_row_,
          .loss_scale = loss_scale_,
          .instruction_set = tensor::instruction_set(),
          .memory_format = kMemoryFormat,
          .libtorch = TORCH_VERSION,
          .data_hash = dataset_->hash(),
          .config_hash = config_.document.identity_hash(),
          .input = facts_.input,
          .views = facts_.views,
          .samples = facts_.samples,
          .ids = facts_.ids,
          .classes = names_};
}

void Trainer::restore(const LoadedCheckpoint& checkpoint) {
  require_same_run(checkpoint, config_, state());
  engine::load_state(*run_->network().backbone, checkpoint.model,
                     checkpoint.name + "/model.safetensors");
  engine::load_state(*run_->network().task, checkpoint.task, checkpoint.name + "/task.safetensors");
  run_->optimizer().restore(checkpoint.optim);
  step_ = saved_step_ = checkpoint.state.step;
  nonfinite_in_a_row_ = checkpoint.state.nonfinite_in_a_row;
  loss_scale_ = checkpoint.state.loss_scale;
}

// The folder is this run's alone from here on; then the state to begin from.
void Trainer::enter(bool resume) {
  comm::agree(control_, [&] {
    check(resume || !holds_files(folder_.path), Kind::kUsage,
          "{} is not empty (try: --resume, or another --out)", folder_.path.string());
  });
  comm::on_rank_zero(control_, [&] {
    make_directories(folder_.path);
    lock_.emplace(folder_.lock(), "pretrain");
    engine::remove_leftovers(folder_);
  });
  comm::agree(control_, [&] {
    if (!resume) return;
    if (const auto checkpoint = load_checkpoint(folder_, leader_)) restore(*checkpoint);
  });
  sync::require_equal(control_, "step to begin from", std::to_string(step_));
}

void Trainer::export_backbone() {
  engine::BackboneFile file;
  file.input = facts_.input;
  file.mean = config_.augment.mean;
  file.std = config_.augment.std;
  file.evaluate = config_.augment.evaluation().text();
  file.model_text = config_.model.text(config_.document);
  file.parent = run_->parent();
  file.teachers = run_->teachers();
  file.task = config_.task;
  file.data_hash = dataset_->hash();
  file.steps = step_;
  file.seed = config_.seed;
  file.classes = names_;
  file.write(folder_, *run_->network().backbone);
  log::info("pretrain", "backbone after {} steps: {}", step_, folder_.backbone().string());
}

int Trainer::run(bool resume, const std::string& command) {
  enter(resume);
  comm::on_rank_zero(control_, [&] {
    log::add_file(folder_.log());
    truncate_jsonl(folder_.metrics(), "step", step_ > 0 ? step_ : -1);
    if (step_ > 0) history_.recall(folder_.metrics());
    write_file(folder_.config(), config_.document.resolved());
  });
  metrics_ = std::make_unique<MetricsLog>(folder_, leader_, config_.data.batch,
                                          config_.train.log_steps, step_);
  log::info("pretrain",
            "{} on {}, {} parameters, {} samples, batch {}, {} lanes on {} ranks, {} steps, {}",
            config_.task, config_.model.name, with_commas(engine::parameter_count(run_->network())),
            with_commas(facts_.samples), config_.data.batch, lanes_, control_.size(),
            with_commas(steps_), config_.parallel.mode);
  if (config_.optim.lr_base_batch > 0)
    log::info("pretrain", "learning rate {:g}: optim.lr {:g} for {} samples, and a batch has {}",
              course_.lr, config_.optim.lr, config_.optim.lr_base_batch, config_.data.batch);
  if (step_ > 0) log::info("pretrain", "resumed after step {}", step_);
  if (step_ == 0) {
    const Scalars measured = run_hooks();
    history_.begin(measured);
    metrics_->add_before_training(measured);
  }
  const Stopwatch watch;
  loop();
  if (loss_scale_)
    log::info("pretrain", "loss scale {:g} after {} steps, of which {} were skipped",
              loss_scale_->value, step_, loss_scale_->skipped_steps);
  comm::on_rank_zero(control_, [&] {
    const std::string data_hash = dataset_->hash();
    write_provenance(folder_, config_,
                     {control_.size(), lanes_, command, data_hash, watch.seconds(), run_->parent(),
                      run_->teachers()});
    if (!stopped_) export_backbone();
  });
  return stopped_ ? kExitRequeue : 0;
}

}  // namespace espalier::train

// The steps of a run: the part of the trainer that repeats.
#include <cmath>

#include "comm/agree.h"
#include "comm/heartbeat.h"
#include "core/activity.h"
#include "core/log.h"
#include "core/stop_request.h"
#include "engine/provenance.h"
#include "train/faults.h"
#include "train/open_dataset.h"
#include "train/trainer.h"

namespace espalier::train {

void Trainer::start_loader() {
  std::vector<image::SlabFormat> formats;
  for (const image::ViewShape& view : facts_.views) formats.push_back({.shape = view});
  const auto seed = static_cast<uint64_t>(config_.seed);
  loader_ = make_loader(
      *dataset_, parts_, config_.data, share(),
      {.seed = seed, .first_position = state().position, .steps = steps_ - step_, .views = formats},
      config_.augment.transform(config_.augment.pipelines(static_cast<int64_t>(formats.size())),
                                formats),
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
  const comm::Watchdog watchdog(control_, config_.train.deadline_seconds);
  engine::run_steps(run_->engine(), run_->optimizer(), *loader_, std::move(batch),
                    {.first = step_,
                     .last = steps_,
                     .total = steps_,
                     .seed = static_cast<uint64_t>(config_.seed),
                     .rates = [this](int64_t step) { return course_.at(step); },
                     .clip_norm = config_.optim.clip_norm,
                     .warmup = run_->warmup_steps(),
                     .late = run_->given()},
                    *this);
  if (saved_step_ != step_) save(/*required=*/true);
  progress_.reset();
  loader_.reset();
  if (loss_scale_ && !stopped_ && step_ > 0 && loss_scale_->skipped_steps == step_)
    throw Error(Kind::kData,
                "all {} steps were skipped while the loss scale fell to {:g}: the run has come to "
                "nothing and exports no backbone (try: more train.steps)",
                step_, loss_scale_->value)
        .set_agreed();
  if (!stopped_ && nonfinite_in_a_row_ > 0)
    throw Error(Kind::kData,
                "the last {} steps had a loss or gradient that is not finite: the run has come to "
                "nothing and exports no backbone (try: a lower optim.lr in a new run)",
                nonfinite_in_a_row_)
        .set_agreed();
}

void Trainer::loaded(int64_t step, image::Batch& batch) {
  if (FaultPlan::instance().nan(control_.rank(), step))
    *reinterpret_cast<float*>(batch.views[0].bytes.data()) = std::nanf("");
}

void Trainer::before(int64_t step) {
  activity_.reset();
  activity_.reset(new Activity("forward and backward of step {}", step));
  FaultPlan::instance().at_step(control_.rank(), step);
}

// That a gradient overflows in fp16 is no reason to worry: the next scale may do.
void Trainer::say_skipped(int64_t step, double loss, int nonfinite_rank) const {
  const std::string culprit = run_->engine().first_nonfinite_gradient();
  if (!leader_) return;
  const std::string what =
      fmt::format("step {} is skipped: loss {}, first gradient that is not finite: {}{}", step,
                  loss, culprit.empty() ? "none" : culprit,
                  nonfinite_rank < 0 ? ", though what each rank gave is finite"
                                     : fmt::format(", from rank {}", nonfinite_rank));
  if (loss_scale_ && std::isfinite(loss))
    log::info("pretrain", "{}; the loss scale is now {:g}", what, loss_scale_->value);
  else
    log::warning("pretrain", "{}", what);
}

double Trainer::loss_factor() const {
  return loss_scale_ ? loss_scale_->value / static_cast<double>(config_.data.batch) : 1;
}

// Whether the next step has its data rides in this step's record.
sync::StepDecision Trainer::decide(int64_t step, const engine::StepSums& sums,
                                   const std::exception_ptr& next_error) {
  activity_.reset();
  activity_.reset(new Activity("the end of step {}", step));
  const sync::StepDecision decision =
      sync::exchange(control_, {.step = step,
                                .stop_wanted = stop_request::wanted(),
                                .checkpoint_wanted = checkpoint_is_due(),
                                .nonfinite = !sums.finite,
                                .own_nonfinite = !sums.own_finite,
                                .next_error = next_error});
  if (loss_scale_) loss_scale_->update(!decision.skip);
  if (!decision.skip) {
    nonfinite_in_a_row_ = 0;
    return decision;
  }
  say_skipped(step, sums.loss, decision.nonfinite_rank);
  if (loss_scale_ && loss_scale_->value < optim::LossScale::kLeast)
    throw Error(Kind::kData,
                "step {}: the {} is not finite even at a loss scale of {:g} (try: "
                "train.precision=bf16 or f32, or a lower optim.lr)",
                step, std::isfinite(sums.loss) ? "gradient" : "loss", optim::LossScale::kLeast)
        .set_agreed();
  if (loss_scale_ && std::isfinite(sums.loss)) return decision;  // a smaller scale may do
  if (++nonfinite_in_a_row_ >= config_.train.nonfinite_limit)
    throw Error(Kind::kData,
                "step {}: {} steps in a row had a loss or gradient that is not finite (try: a "
                "lower optim.lr)",
                step, nonfinite_in_a_row_)
        .set_agreed();
  return decision;
}

// Where the next step has no data, the state after this one is kept before its error is thrown.
bool Trainer::completed(int64_t step, const engine::StepSums& sums,
                        const sync::StepDecision& decision) {
  step_ = step;
  if (step == 1 && std::isfinite(sums.loss)) look_at_first_loss(sums.loss);
  const Stopwatch hook_watch;
  Scalars measured = epoch_ends_with(step) ? run_hooks() : Scalars();
  for (auto& warning : history_.take_warnings()) measured.push_back(std::move(warning));
  Scalars scales;
  if (loss_scale_)
    scales = {{"loss_scale", loss_scale_->value},
              {"skipped_steps", static_cast<double>(loss_scale_->skipped_steps)}};
  const double epoch =
      static_cast<double>(step * config_.data.batch) / static_cast<double>(facts_.samples);
  metrics_->add({.step = step,
                 .epoch = epoch,
                 .lr = course_.at(step - 1).lr,
                 .waited_seconds = loader_->wait_seconds(),
                 .hook_seconds = hook_watch.seconds(),
                 .state = scales},
                sums, measured,
                /*last=*/step == steps_);
  progress_->update(
      step, fmt::format("loss {:.4f}, data wait {:.0f} %", sums.loss, 100 * loader_->wait_share()));
  const int64_t interval = config_.train.checkpoint_steps;
  const bool due = decision.checkpoint || (interval > 0 && step % interval == 0);
  if (decision.next_error) {
    save(/*required=*/false);
    throw *decision.next_error;
  }
  if (due && step < steps_ && !decision.stop) save(/*required=*/false);
  stopped_ = decision.stop && step < steps_;
  return !stopped_;
}

bool Trainer::checkpoint_is_due() const {
  const double minutes = config_.train.checkpoint_minutes;
  return leader_ && minutes > 0 && since_save_.seconds() >= 60 * minutes;
}

Scalars Trainer::run_hooks() {
  Scalars measured;
  TrainingView view = this->view();
  for (auto& [name, hook] : hooks_) {
    const Activity activity("hook {} after step {}", name, step_);
    for (auto& scalar : hook->measure(view)) measured.push_back(std::move(scalar));
  }
  return measured;
}

// A first loss that is far from what chance gives says that something is wrong before it can be
// learned around.
void Trainer::look_at_first_loss(double loss) {
  constexpr double kFactor = 2;
  const auto expected = run_->network().task->expected_loss(config_.data.batch);
  if (!expected || !run_->parent().task.empty()) return;  // a task that goes on is not fresh
  if (leader_)
    log::info("pretrain", "the first loss is {:.4f}; of a fresh network about {:.4f} is expected",
              loss, *expected);
  if (loss > *expected * kFactor || loss < *expected / kFactor)
    history_.warn("first_loss",
                  fmt::format("the first loss is {:.4f}, and of a fresh network about {:.4f} is "
                              "expected: they differ by more than a factor of {} (try: look at "
                              "the labels, augment.mean and augment.std, model.init, and the "
                              "temperature)",
                              loss, *expected, kFactor));
}

TrainingView Trainer::view() {
  return {config_,     run_->network(), facts_.input,
          *dataset_,   parts_.kept,     validation_ ? &*validation_ : nullptr,
          validating_, control_,        device_,
          folder_,     step_,           history_};
}

bool Trainer::epoch_ends_with(int64_t step) const {
  const int64_t n = facts_.samples, b = config_.data.batch;
  return step == steps_ || step * b / n > (step - 1) * b / n;
}

// `required`: at the end of a run a failure is one; between, the older checkpoint stands and the
// next is tried.
void Trainer::save(bool required) {
  const Activity activity("writing the checkpoint of step {}", step_);
  since_save_ = {};  // also where it fails: a full disk is not tried again at every step
  try {
    comm::on_rank_zero(control_, [&] {
      check(!FaultPlan::instance().enospc(0, step_), Kind::kIo,
            "cannot write {}: No space left on device",
            (folder_.checkpoints() / engine::RunFolder::checkpoint_name(step_)).string());
      metrics_->sync();
      save_checkpoint(folder_, state(), run_->network(), run_->optimizer(),
                      config_.document.resolved(), config_.train.keep_checkpoints);
    });
    saved_step_ = step_;
  } catch (const Error& error) {
    if (required || error.kind() != Kind::kIo) throw;
    if (leader_) log::warning("pretrain", "no checkpoint at step {}: {}", step_, error.what());
  }
}

}  // namespace espalier::train

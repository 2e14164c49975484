// How a cell is computed: weights, training, the reading of the test set.
#include <torch/torch.h>

#include <cmath>

#include "comm/thread_comm.h"
#include "core/activity.h"
#include "core/clock.h"
#include "core/random.h"
#include "data/feature_source.h"
#include "data/loader.h"
#include "engine/parameter_groups.h"
#include "engine/training_loop.h"
#include "transfer/cell.h"
#include "transfer/cell_curve.h"
#include "transfer/head.h"
#include "transfer/probe_run.h"
#include "transfer/stage_weights.h"

namespace espalier::transfer {
namespace {

constexpr int64_t kCurveImages = 500, kRecalibrationImages = 2000;

// A cell while it is computed.
class CellRun : private engine::StepWatcher {
 public:
  CellRun(const Setting& setting, const Cell& cell, const CellHooks& hooks);

  CellOutput run();
  engine::Network take_network() { return std::move(network_); }

 private:
  engine::Network make_network() const;
  void put_weights();
  void freeze_prefix();
  void train();
  void start_optimizer();
  std::unique_ptr<data::BatchSource> make_batches() const;
  engine::Scores score(const EvaluationSet& images);
  bool completed(int64_t step, const engine::StepSums& sums,
                 const sync::StepDecision& decision) override;
  void test();
  std::string resting_sha256() const;
  std::set<std::string> late_parameters() const;

  const Setting& setting_;
  const Cell& cell_;
  const CellHooks& hooks_;
  const Plan plan_;
  const Source* source_;
  const uint64_t key_;
  data::Split split_;
  std::vector<std::unique_ptr<comm::Communicator>> alone_ = comm::thread_communicators(1);
  engine::Network network_;
  std::optional<FrozenPrefix> prefix_;               // where there are stages at rest
  std::optional<FrozenFeatures> training_features_;  // where they can replace the images
  std::unique_ptr<engine::LaneEngine> engine_;
  std::shared_ptr<optim::Optimizer> optimizer_;
  optim::Course course_;
  std::optional<EvaluationSet> curve_images_;
  CellOutput output_;
  CellCurve curve_;

  int64_t steps() const { return cell_.setting.steps; }
  int64_t kept() const { return plan_.kept(cell_.arm.cut); }
  bool rests(int64_t stage) const { return !plan_.trained[static_cast<size_t>(stage)]; }
  Weights weights_of(int64_t stage) const { return plan_.weights[static_cast<size_t>(stage)]; }
};

CellRun::CellRun(const Setting& setting, const Cell& cell, const CellHooks& hooks)
    : setting_(setting),
      cell_(cell),
      hooks_(hooks),
      plan_(plan_of(cell.arm.mode, cell.arm.cut, setting.stage_count())),
      source_(setting.source(cell.arm.source)),
      key_(cell_key(setting, cell)),
      split_(setting.training_split(cell.arm.labels_per_class, key_)),
      curve_(cell.setting.steps) {
  if (!cell.fold) return;
  split_ =
      setting.folds(split_.kept, cell.arm.labels_per_class, key_)[static_cast<size_t>(*cell.fold)];
}

engine::Network CellRun::make_network() const {
  const auto head = Registry<Head>::create(cell_.arm.head.empty() ? "suffix" : cell_.arm.head);
  head->set_cut(cell_.arm.cut);
  engine::Network network =
      engine::build_network([this] { return setting_.model().make(); }, head,
                            {.input = setting_.model().input, .classes = setting_.class_count()});
  const int64_t stages = setting_.stage_count();
  for (int64_t stage = 0; stage < stages; ++stage)
    if (rests(stage) || stage >= head->depth(stages)) network.backbone->freeze_stage(stage);
  network.to(at::kFloat, c10::kCPU);
  return network;
}

void CellRun::put_weights() {
  model::Backbone& backbone = *network_.backbone;
  const uint64_t fresh = cell_.base ? Draw(key_, "base").u64() : key_;
  network_.initialise(setting_.model().model.init, fresh);
  const auto* given =
      source_ ? &source_->member(setting_.backbone_of(cell_.seed)).weights : nullptr;
  const tensor::TensorMap own =
      plan_.begins_with(Weights::kSelf) ? hooks_.base_weights(base_of(cell_)) : tensor::TensorMap();
  std::set<int64_t> uncounted;  // at rest, with statistics that nothing has counted
  for (int64_t stage = 0; stage < setting_.stage_count(); ++stage) {
    const Weights weights = weights_of(stage);
    if (weights == Weights::kSource) copy_stage(backbone, stage, *given);
    if (weights == Weights::kSelf) copy_stage(backbone, stage, own);
    if (weights == Weights::kMeanVar) draw_stage_like(backbone, stage, *given, key_);
    if (rests(stage) && (weights == Weights::kFresh || weights == Weights::kMeanVar))
      uncounted.insert(stage);
  }
  recalibrate(
      backbone, uncounted,
      setting_.training_images(
          data::draw_some(split_.kept, kRecalibrationImages, "recalibrate", key_), source_));
  network_.train(true);
}

void CellRun::start_optimizer() {
  optim::OptimOptions options = setting_.config.optim;
  options.lr = cell_.setting.lr;
  optimizer_ = options.make_optimizer(setting_.config.document);
  optimizer_->start(engine::parameter_groups(engine_->parameters(), engine_->gradients(),
                                             *network_.backbone, {kept(), cell_.arm.kept_lr_factor},
                                             options));
  course_ = options.make_course(setting_.config.document, *optimizer_, setting_.config.sweep.batch,
                                steps());
}

// A cell learns from the features of the stages that rest, where images always give the same ones.
void CellRun::freeze_prefix() {
  if (plan_.resting() == 0) return;
  prefix_.emplace(*network_.backbone, plan_.resting(), setting_.config.sweep.cuts,
                  setting_.model().input);
  if (!setting_.views_are_random())
    training_features_.emplace(setting_.prefix_cache(), *prefix_, setting_.training_pass(source_));
}

std::unique_ptr<data::BatchSource> CellRun::make_batches() const {
  const augment::AugmentOptions& augment = setting_.augment(source_);
  const int64_t batch =
      std::min(setting_.config.sweep.batch, static_cast<int64_t>(split_.kept.size()));
  const image::SlabFormat format = training_features_
                                       ? training_features_->format()
                                       : image::SlabFormat{.shape = setting_.model().input};
  data::Order order(split_.kept, key_);
  data::LoaderPlan plan{
      .seed = key_, .batch = batch, .begin = 0, .end = batch, .steps = steps(), .views = {format}};
  if (training_features_)
    return std::make_unique<data::FeatureSource>(
        setting_.train, std::move(order), std::move(plan),
        [this](std::span<const int64_t> samples, std::byte* into) {
          training_features_->write(samples, into);
        });
  return std::make_unique<data::Loader>(setting_.train, std::move(order), std::move(plan),
                                        augment.transform(augment.pipelines(1), {format}),
                                        data::LoaderOptions{});
}

engine::Scores CellRun::score(const EvaluationSet& images) {
  const engine::EvaluationMode mode(network_);
  auto& classifier = dynamic_cast<pretext::Classifier&>(*network_.task);
  const auto predict = [&](const at::Tensor& x) {
    made_progress();
    return classifier.predict(*network_.backbone, x);
  };
  if (!prefix_) return images.score(predict);
  const FrozenFeatures features(setting_.prefix_cache(), *prefix_, images.pass());
  const BegunAtCut begun(*network_.backbone, *prefix_);
  return images.score(predict, &features);
}

bool CellRun::completed(int64_t step, const engine::StepSums& sums,
                        const sync::StepDecision& decision) {
  if (decision.skip) {
    output_.result.status = Status::kDiverged;
    return false;
  }
  output_.result.steps = step;
  curve_.add(step, sums, course_.at(step - 1).lr, [this]() -> std::optional<engine::Scores> {
    return curve_images_ ? std::optional(score(*curve_images_)) : std::nullopt;
  });
  made_progress();
  if (hooks_.at_step) hooks_.at_step();
  return true;
}

// Of the stages that rest.
std::string CellRun::resting_sha256() const {
  tensor::TensorMap state;
  for (const auto& [name, tensor] : engine::state_of(*network_.backbone))
    if (rests(model::stage_of(*network_.backbone, name))) state[name] = tensor;
  return engine::sha256_of(state);
}

std::set<std::string> CellRun::late_parameters() const {
  std::set<std::string> names;
  const std::string prefix = "backbone.";
  for (const engine::NamedTensor& parameter : engine_->parameters())
    if (parameter.name.starts_with(prefix) &&
        model::stage_of(*network_.backbone, parameter.name.substr(prefix.size())) < kept())
      names.insert(parameter.name);
  return names;
}

void CellRun::train() {
  network_ = make_network();
  put_weights();
  freeze_prefix();
  const auto make_replica = [this] {
    engine::Network network = make_network();
    if (training_features_) network.backbone->begin_at(prefix_->cut(), prefix_->shape());
    return network;
  };
  engine_ = std::make_unique<engine::LaneEngine>(network_, make_replica, sync::LanePlan(1, 1, 0),
                                                 *alone_[0], *alone_[0], engine::EngineOptions{});
  start_optimizer();
  const std::string before = resting_sha256();
  if (!cell_.fold && !cell_.base && !split_.held_out.empty())
    curve_images_.emplace(setting_.training_images(
        data::draw_some(split_.held_out, kCurveImages, "validation", key_), source_));
  const auto batches = make_batches();
  const double first = std::round(plan_.head_first * static_cast<double>(steps()));
  engine::run_steps(*engine_, *optimizer_, *batches, batches->next(),
                    {.last = steps(),
                     .total = steps(),
                     .seed = key_,
                     .rates = [this](int64_t step) { return course_.at(step); },
                     .clip_norm = setting_.config.optim.clip_norm,
                     .warmup = static_cast<int64_t>(first),
                     .late = late_parameters()},
                    *this);
  check(resting_sha256() == before, Kind::kBug, "{}: a stage that rests changed", cell_.arm.text());
  engine_.reset();
  output_.curve = curve_.csv();
}

// The one reading of the test set, or, by a cell that tunes, of the images held out for it.
void CellRun::test() {
  CellResult& result = output_.result;
  result.kept_sha256 = engine::sha256_of(engine::stages_state(*network_.backbone, kept()));
  if (result.status != Status::kDone || cell_.base) return;
  if (!cell_.fold && !setting_.test) return;
  if (cell_.fold) {
    result.validation_accuracy = score(setting_.training_images(split_.held_out, source_)).accuracy;
    return;
  }
  engine::Scores scores = score(setting_.test_set(source_));
  result.accuracy = scores.accuracy;
  result.loss = scores.loss;
  output_.predictions = std::move(scores.predictions);
}

CellOutput CellRun::run() {
  if (plan_.probe.empty()) {
    train();
    test();
  } else {
    network_ = make_network();
    put_weights();
    const engine::EvaluationMode mode(network_);
    output_ = run_probe(setting_, cell_, plan_.probe, *network_.backbone, split_.kept);
    output_.result.kept_sha256 =
        engine::sha256_of(engine::stages_state(*network_.backbone, kept()));
  }
  return std::move(output_);
}

}  // namespace

TrainedCell train_cell(const Setting& setting, const Cell& cell, const CellHooks& hooks) {
  const Stopwatch watch;
  CellHooks complete = hooks;
  if (!complete.base_weights)
    complete.base_weights = [&](const Cell& base) {
      return engine::state_of(*train_cell(setting, base, hooks).network.backbone);
    };
  CellRun run(setting, cell, complete);
  TrainedCell trained{run.run(), {}};
  trained.network = run.take_network();
  CellResult& result = trained.output.result;
  result.seconds = watch.seconds();
  if (!setting.test) return trained;
  const double chance = 1.0 / static_cast<double>(setting.class_count());
  const double deviation =
      std::sqrt(chance * (1 - chance) / static_cast<double>(setting.test->size()));
  result.stuck = result.accuracy < chance + 3 * deviation;
  return trained;
}

CellOutput run_cell(const Setting& setting, const Cell& cell, const CellHooks& hooks) {
  return train_cell(setting, cell, hooks).output;
}

}  // namespace espalier::transfer

#include "transfer/cell.h"

#include <torch/torch.h>
#include <torch/version.h>

#include <cmath>

#include "comm/thread_comm.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/random.h"
#include "data/loader.h"
#include "engine/parameter_groups.h"
#include "engine/training_loop.h"
#include "pretext/classifier.h"
#include "tensor/instruction_set.h"

namespace espalier::transfer {
namespace {

constexpr int64_t kCurveRows = 20, kValidations = 4;

// Far from the small seeds of pretraining, whose initial weights must not come back here.
uint64_t cell_seed(const TransferConfig& config, const Cell& cell) {
  return Draw(static_cast<uint64_t>(config.seed), "transfer", {static_cast<uint64_t>(cell.seed)})
      .u64();
}

// A cell while it is computed.
class CellRun : private engine::StepWatcher {
 public:
  CellRun(const Setting& setting, const Cell& cell, const std::function<void()>& at_step)
      : setting_(setting), cell_(cell), seed_(cell_seed(setting.config, cell)), at_step_(at_step) {}

  CellOutput run();

 private:
  engine::Network make_network() const;
  void build();
  void start_optimizer();
  std::unique_ptr<data::Loader> make_loader(const data::Selection& selection) const;
  engine::Scores score(const EvaluationSet& images);
  bool completed(int64_t step, const engine::StepSums& sums,
                 const sync::StepDecision& decision) override;
  void add_to_curve(int64_t step, const engine::StepSums& sums);
  void finish(CellResult& result, std::vector<int64_t>& predictions);

  const Setting& setting_;
  const Cell& cell_;
  const uint64_t seed_;
  const std::function<void()>& at_step_;
  std::vector<std::unique_ptr<comm::Communicator>> alone_ = comm::thread_communicators(1);
  engine::Network network_;
  std::unique_ptr<engine::LaneEngine> engine_;
  std::shared_ptr<optim::Optimizer> optimizer_;
  optim::Course course_;
  std::optional<EvaluationSet> validation_;
  CellOutput output_;
  std::string curve_ = "step,loss,accuracy,lr,validation_loss,validation_accuracy\n";
  double window_loss_ = 0, window_accuracy_ = 0;
  int64_t window_steps_ = 0;

  int64_t steps() const { return setting_.config.sweep.steps; }
};

engine::Network CellRun::make_network() const {
  engine::Network network = engine::build_network(
      [this] { return setting_.backbone.make(); }, Registry<pretext::Task>::create("supervised"),
      {.input = setting_.backbone.input, .classes = setting_.class_count()});
  if (cell_.mode == Mode::kFrozen) network.backbone->freeze(cell_.cut);
  return network;
}

void CellRun::build() {
  network_ = make_network();
  network_.initialise(setting_.backbone.model.init, seed_);
  for (auto& [name, tensor] : engine::stages_state(*network_.backbone, cell_.cut))
    at::Tensor(tensor).copy_(setting_.backbone.weights.at(name));
  network_.train(true);
  engine_ = std::make_unique<engine::LaneEngine>(
      network_, [this] { return make_network(); }, sync::LanePlan(1, 1, 0), *alone_[0], *alone_[0],
      engine::EngineOptions{});
  start_optimizer();
}

void CellRun::start_optimizer() {
  const TransferConfig& config = setting_.config;
  optimizer_ = config.optim.make_optimizer(config.document);
  optimizer_->start(
      engine::parameter_groups(engine_->parameters(), engine_->gradients(), *network_.backbone,
                               {cell_.cut, config.sweep.kept_lr_factor}, config.optim));
  course_ = config.optim.make_course(config.document, *optimizer_, config.sweep.batch, steps());
}

std::unique_ptr<data::Loader> CellRun::make_loader(const data::Selection& selection) const {
  const TransferConfig& config = setting_.config;
  const int64_t batch = std::min(config.sweep.batch, static_cast<int64_t>(selection.size()));
  const std::vector<image::SlabFormat> formats = {{.shape = setting_.backbone.input}};
  return std::make_unique<data::Loader>(
      setting_.train, data::Order(selection, seed_),
      data::LoaderPlan{.seed = seed_,
                       .batch = batch,
                       .begin = 0,
                       .end = batch,
                       .steps = steps(),
                       .views = formats},
      config.augment.transform(config.augment.pipelines(1), formats), data::LoaderOptions{});
}

engine::Scores CellRun::score(const EvaluationSet& images) {
  const engine::EvaluationMode mode(network_);
  auto& classifier = dynamic_cast<pretext::Classifier&>(*network_.task);
  return images.score(
      [&](const at::Tensor& x) { return classifier.predict(*network_.backbone, x); });
}

void CellRun::add_to_curve(int64_t step, const engine::StepSums& sums) {
  window_loss_ += sums.loss;
  window_accuracy_ += sums.metrics.at(0).second;
  window_steps_ += 1;
  const auto ends_one_of = [&](int64_t parts) {
    return step * parts / steps() > (step - 1) * parts / steps();
  };
  if (!ends_one_of(kCurveRows)) return;
  const double count = static_cast<double>(window_steps_);
  curve_ += fmt::format("{},{},{},{},", step, window_loss_ / count, window_accuracy_ / count,
                        course_.at(step - 1).lr);
  if (ends_one_of(kValidations) && validation_->size() > 0) {
    const engine::Scores scores = score(*validation_);
    curve_ += fmt::format("{},{}\n", scores.loss, scores.accuracy);
  } else {
    curve_ += ",\n";
  }
  window_loss_ = window_accuracy_ = 0;
  window_steps_ = 0;
}

// The one reading of the test set.
void CellRun::finish(CellResult& result, std::vector<int64_t>& predictions) {
  result.kept_sha256 = engine::sha256_of(engine::stages_state(*network_.backbone, cell_.cut));
  if (result.status != Status::kDone) {
    result.accuracy = result.loss = std::nan("");
    return;
  }
  engine::Scores scores = score(setting_.test_set());
  result.accuracy = scores.accuracy;
  result.loss = scores.loss;
  const double chance = 1.0 / static_cast<double>(setting_.class_count());
  const double deviation =
      std::sqrt(chance * (1 - chance) / static_cast<double>(setting_.test_set().size()));
  result.stuck = scores.accuracy < chance + 3 * deviation;
  predictions = std::move(scores.predictions);
}

bool CellRun::completed(int64_t step, const engine::StepSums& sums,
                        const sync::StepDecision& decision) {
  if (decision.skip) {
    output_.result.status = Status::kDiverged;
    return false;
  }
  output_.result.steps = step;
  add_to_curve(step, sums);
  if (at_step_) at_step_();
  return true;
}

CellOutput CellRun::run() {
  const Stopwatch watch;
  build();
  const std::string kept_before =
      engine::sha256_of(engine::stages_state(*network_.backbone, cell_.cut));
  const data::Split split = setting_.training_split(cell_.labels_per_class, seed_);
  validation_.emplace(setting_.validation_set(split.held_out, seed_));
  const auto loader = make_loader(split.kept);
  engine::run_steps(*engine_, *optimizer_, *loader, loader->next(),
                    {.last = steps(),
                     .total = steps(),
                     .seed = seed_,
                     .rates = [this](int64_t step) { return course_.at(step); },
                     .clip_norm = setting_.config.optim.clip_norm},
                    *this);
  CellResult& result = output_.result;
  finish(result, output_.predictions);
  check(cell_.mode != Mode::kFrozen || result.kept_sha256 == kept_before, Kind::kBug,
        "cut {}: a frozen stage changed", cell_.cut);
  output_.curve = std::move(curve_);
  result.seconds = watch.seconds();
  return std::move(output_);
}

}  // namespace

std::vector<Cell> cells_of(const TransferConfig& config) {
  std::vector<Cell> cells;
  for (const int64_t labels : config.sweep.labels_per_class)
    for (int64_t seed = 0; seed < config.sweep.seeds; ++seed) {
      cells.push_back({std::nullopt, 0, labels, seed});
      for (const Mode mode : config.sweep.modes)
        for (const int64_t cut : config.sweep.cuts) cells.push_back({mode, cut, labels, seed});
    }
  return cells;
}

nlohmann::json spec_of(const Setting& setting, const Cell& cell) {
  const TransferConfig& config = setting.config;
  const bool scratch = cell.cut == 0;
  return {{"schema", 1},
          {"model", setting.backbone.model_text},
          {"input",
           {setting.backbone.input.channels, setting.backbone.input.height,
            setting.backbone.input.width}},
          {"backbone", scratch ? "" : setting.backbone.sha256},
          {"cut", cell.cut},
          {"mode", cell.mode_name()},
          {"classes", setting.class_count()},
          {"labels_per_class", cell.labels_per_class},
          {"root_seed", config.seed},
          {"seed", cell.seed},
          {"train", setting.train.hash()},
          {"test", setting.test.hash()},
          {"optim", config.document.resolved_section("optim")},
          {"steps", config.sweep.steps},
          {"batch", config.sweep.batch},
          {"kept_lr_factor", cell.mode == Mode::kTuned ? config.sweep.kept_lr_factor : 0.0},
          {"view", config.augment.pipelines(1)[0].text()},
          {"evaluate", config.augment.evaluation().text()},
          {"mean", config.augment.mean},
          {"std", config.augment.std},
          {"precision", "f32"},
          {"instruction_set", tensor::instruction_set()},
          {"libtorch", TORCH_VERSION}};
}

std::string id_of(const nlohmann::json& spec) { return sha256_hex(spec.dump()).substr(0, 16); }

CellOutput run_cell(const Setting& setting, const Cell& cell,
                    const std::function<void()>& at_step) {
  return CellRun(setting, cell, at_step).run();
}

}  // namespace espalier::transfer

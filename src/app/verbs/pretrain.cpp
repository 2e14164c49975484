// pretrain: trains a backbone, on every rank it was started on.
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "app/run_arguments.h"
#include "app/verb.h"
#include "comm/agree.h"
#include "core/clock.h"
#include "core/environment.h"
#include "core/log.h"
#include "engine/device.h"
#include "train/agreement.h"
#include "train/trainer.h"

namespace espalier::app {
namespace {

class Pretrain : public Verb {
 public:
  void declare(CLI::App& command) override {
    config_.declare(command);
    command.add_option("--out", out_, "the folder of the run");
    command.add_flag("--resume", resume_,
                     "continue from the last whole checkpoint in --out, on any number of ranks");
    command.add_flag(
        "--dry-run", dry_run_,
        "check everything up to the first step, and print memory and time that the run "
        "would take; writes no file");
    command.add_flag("--json", json_, "print the result of --dry-run as JSON");
    command.footer(
        "Example:\n"
        "  mpirun -n 2 espalier pretrain configs/pretrain/rotation_fashion_mnist.yaml --out "
        "runs/rotation optim.lr=0.05\n"
        "Exit codes: 0 done, 75 stopped by a signal after a checkpoint, 2 usage, 3 data, 4 disk, 5 "
        "a rank was lost.");
  }

  bool uses_ranks() const override { return true; }

  bool wants_huge_pages() const override { return true; }
  bool stops_on_request() const override { return true; }

  // Exact bits are promised on the same instructions; a fast run takes all that are there.
  std::string instruction_set_before() const override {
    const engine::RunFolder folder{out_};
    if (!resume_ || !std::filesystem::exists(folder.config())) return "";
    config::Document document = config_.document();
    keep_settled(document, config::Document::load(folder.config()));
    const auto mode = value_named<sync::Mode>(document.peek("parallel", "mode", ""));
    return mode == sync::Mode::kFast ? "" : train::saved_instruction_set(folder);
  }

  int run(Context& context) override {
    check(dry_run_ || !out_.empty(), Kind::kUsage, "--out is required: the folder of the run");
    check(!dry_run_ || !resume_, Kind::kUsage,
          "--dry-run continues nothing (try: without --resume)");
    log_ignored_environment();
    train::RunConfig config, wanted;
    const engine::RunFolder folder{out_};
    config::Document document;
    comm::agree(context.control, [&] {
      document = config_.document();
      if (resume_ && std::filesystem::exists(folder.config()))
        keep_settled(document, config::Document::load(folder.config()));
      if (document.peek("parallel", "lanes", "auto") == "auto")
        document.set(fmt::format("parallel.lanes={}", context.control.size()));
      document.fill("train", wanted.train.fields());
      document.fill("parallel", wanted.parallel.fields());
    });
    const engine::Gpus gpus = engine::usable_gpus();
    const sync::Mode mode =
        engine::settle_mode(context.control, wanted.parallel.mode, wanted.train.device, gpus);
    const tensor::Precision precision = engine::settle_precision(
        context.control, wanted.train.precision, mode, wanted.train.device, gpus);
    comm::agree(context.control, [&] {
      if (mode != wanted.parallel.mode) document.set(fmt::format("parallel.mode={}", mode));
      if (precision != wanted.train.precision)
        document.set(fmt::format("train.precision={}", precision));
      config = train::RunConfig::read(std::move(document));
    });
    if (mode != wanted.parallel.mode)
      log::info("pretrain", "parallel.mode is {} for the life of this run", mode);
    if (precision != wanted.train.precision)
      log::info("pretrain", "train.precision is {} for the life of this run", precision);
    train::Trainer trainer(std::move(config), folder, context.control, context.quiet);
    if (dry_run_) {
      train::DryRun result;
      comm::raise_errors(context.control, [&] { result = trainer.dry_run(); });
      if (context.control.rank() == 0) print(result);
      return 0;
    }
    int exit_code = 0;
    comm::raise_errors(context.control, [&] { exit_code = trainer.run(resume_, context.command); });
    return exit_code;
  }

 private:
  // What the first start of a run settled by itself holds for the whole run: lanes that followed
  // its ranks, mode and precision that followed its devices, normalisation that followed its images.
  static void keep_settled(config::Document& document, const config::Document& first) {
    for (const char* name : {"lanes", "mode"})
      if (document.peek("parallel", name, "auto") == "auto")
        document.set(fmt::format("parallel.{}={}", name, first.peek("parallel", name, "auto")));
    if (document.peek("train", "precision", name_of(train::TrainOptions().precision)) == "auto")
      document.set("train.precision=" + first.peek("train", "precision", "auto"));
    for (const char* name : {"mean", "std"}) {
      std::vector<double> given, settled;
      document.fill("augment", {{name, &given, {}}});
      first.fill("augment", {{name, &settled, {}}});
      if (given.empty() && !settled.empty())
        document.set(fmt::format("augment.{}=[{}]", name, fmt::join(settled, ", ")));
    }
  }

  void print(const train::DryRun& run) const {
    const double step = run.step_seconds + run.wait_seconds;
    const double total = step * static_cast<double>(run.steps);
    if (json_) {
      fmt::print("{}\n", nlohmann::ordered_json{{"parameters", run.parameters},
                                                {"samples", run.samples},
                                                {"steps", run.steps},
                                                {"step_seconds", run.step_seconds},
                                                {"wait_seconds", run.wait_seconds},
                                                {"seconds", total},
                                                {"memory_bytes", run.memory}}
                             .dump(2));
      return;
    }
    fmt::print(
        "{} parameters, {} samples, {} steps of {:.3g} s: {} without hooks and checkpoints\n"
        "{} MB of memory on the largest rank\n",
        with_commas(run.parameters), with_commas(run.samples), with_commas(run.steps), step,
        duration_text(total), with_commas(run.memory / 1'000'000));
  }

  RunArguments config_;
  std::string out_;
  bool resume_ = false, dry_run_ = false, json_ = false;
};

ESPALIER_REGISTER(Verb, Pretrain, "pretrain",
                  "train a backbone on a pretext task, on one rank or many");

}  // namespace
}  // namespace espalier::app

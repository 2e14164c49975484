// transfer: cuts a backbone at every stage and measures what each cut is worth on few labels.
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "app/run_arguments.h"
#include "app/verb.h"
#include "comm/agree.h"
#include "core/clock.h"
#include "core/environment.h"
#include "core/log.h"
#include "engine/run_folder.h"
#include "report/sweep_view.h"
#include "transfer/sweep/sweep.h"

namespace espalier::app {
namespace {

class Transfer : public Verb {
 public:
  void declare(CLI::App& command) override {
    config_.declare(command);
    command
        .add_option("--backbone", backbones_,
                    "run folder of pretrain, or a .safetensors file with its .json beside it; "
                    "several that differ by their pretraining alone, as by its seed, are compared "
                    "as one kind")
        ->required();
    command
        .add_option("--out", out_,
                    "the folder of the sweep; results that it holds are not computed again, and "
                    "several processes may share it")
        ->required();
    command.add_flag("--dry-run", dry_run_,
                     "print how many cells there are and what they would cost; writes no file");
    command.add_option(
        "--shard", shard_,
        "I/N: compute every N-th group of arms that choose their rate together, from "
        "number I, which counts from 0");
    command.add_option("--only", only_,
                       "compute only cells of these arms: KEY=VALUE[,VALUE...][,KEY=...] with the "
                       "keys source, mode, kept_lr_factor, head, cut, labels_per_class, seed");
    command.add_flag("--retry-failed", retry_failed_, "compute cells that diverged again");
    command.add_flag("--json", json_, "print the summary as JSON instead of a table");
    command.add_flag_callback(
        "--watch",
        [this, &command] {
          watch_ = true;
          command.get_option("config")->required(false);
          command.get_option("--backbone")->required(false);
        },
        "compute nothing: show how far the sweep in --out is, on a terminal every second until it "
        "ends; needs --out alone");
    command.footer(
        "Examples:\n"
        "  espalier transfer configs/transfer/quick_fashion_mnist.yaml --backbone runs/rotation "
        "--out runs/rotation-transfer transfer.seeds=3\n"
        "  mpirun -n 4 espalier transfer CONFIG.yaml --backbone runs/seed0 runs/seed1 --out "
        "runs/transfer --only mode=frozen,cut=2\n"
        "  espalier transfer --watch --out runs/transfer");
  }

  bool uses_ranks() const override { return true; }
  bool wants_huge_pages() const override { return true; }
  bool stops_on_request() const override { return !watch_; }

  int run(Context& context) override {
    if (watch_) return watch();
    log_ignored_environment();
    const Stopwatch watch;
    comm::Communicator& control = context.control;
    const bool first = control.rank() == 0;
    std::optional<transfer::Sweep> sweep;
    comm::agree(control, [&] { open(sweep, context); });
    if (dry_run_) {
      comm::on_rank_zero(control, [&] { print(sweep->dry_run(), control.size()); });
      return 0;
    }
    comm::on_rank_zero(control, [&] {
      sweep->prepare();
      log::add_file(engine::RunFolder{out_}.log());
    });
    int64_t computed = 0;
    comm::raise_errors(control, [&] { computed = sweep->run(/*writes=*/first); });
    control.all_reduce(&computed, 1, comm::DataType::i64).wait();
    comm::on_rank_zero(control, [&] {
      sweep->write_results(context.command, watch.seconds(), computed);
      print(*sweep);
    });
    return 0;
  }

 private:
  int watch() const {
    const bool terminal = isatty(STDOUT_FILENO) != 0;
    for (;;) {
      const report::SweepView view = report::view_sweep(out_);
      if (terminal) fmt::print("\x1b[H\x1b[2J");  // from the top of an empty screen
      fmt::print("{}", view.text);
      std::fflush(stdout);
      if (!terminal || view.ended) return 0;
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  }

  void open(std::optional<transfer::Sweep>& sweep, const Context& context) const {
    transfer::SweepPart part{
        .only = transfer::ArmFilter(only_), .retry_failed = retry_failed_, .quiet = context.quiet};
    if (!shard_.empty()) {
      char rest = 0;
      check(std::sscanf(shard_.c_str(), "%ld/%ld%c", &part.shard, &part.shards, &rest) == 2 &&
                part.shard >= 0 && part.shard < part.shards,
            Kind::kUsage, "--shard is '{}', it must be I/N with I from 0 to N - 1 (try: 0/4)",
            shard_);
    }
    std::vector<engine::BackboneFile> backbones;
    for (const std::string& path : backbones_) {
      check(path.find('=') == std::string::npos || std::filesystem::exists(path), Kind::kUsage,
            "--backbone has {}, which is no folder (try: options to change before --backbone)",
            path);
      backbones.push_back(engine::BackboneFile::open(path));
    }
    auto config = transfer::TransferConfig::read(config_.document(), backbones.front(),
                                                 context.control.size());
    sweep.emplace(std::move(config), std::move(backbones), out_, std::move(part));
  }

  void print(const transfer::DryRun& run, int64_t ranks) const {
    const int64_t workers = run.workers * ranks;
    const double wall = run.seconds / static_cast<double>(workers);
    if (json_) {
      fmt::print("{}\n", Json{{"arms", run.arms},
                              {"cells", run.cells},
                              {"cells_there", run.there},
                              {"tuning_runs", run.tuning},
                              {"tuning_runs_there", run.tuning_there},
                              {"workers", workers},
                              {"worker_seconds", run.seconds},
                              {"seconds", wall}}
                             .dump(2));
      return;
    }
    fmt::print("{} arms, {} cells, {} of them there already\n", with_commas(run.arms),
               with_commas(run.cells), with_commas(run.there));
    if (run.tuning > 0)
      fmt::print("{} runs that choose rate and steps, {} of them there already\n",
                 with_commas(run.tuning), with_commas(run.tuning_there));
    fmt::print("about {} on {} workers, at most\n", duration_text(wall), workers);
  }

  void print(const transfer::Sweep& sweep) const {
    const report::TransferRun run = sweep.results();
    if (json_)
      fmt::print("{}\n", transfer::summary_json(run).dump(2));
    else
      fmt::print("{}", transfer::summary_table(run));
  }

  RunArguments config_;
  std::vector<std::string> backbones_, only_;
  std::string out_, shard_;
  bool dry_run_ = false, retry_failed_ = false, json_ = false, watch_ = false;
};

ESPALIER_REGISTER(Verb, Transfer, "transfer",
                  "cut a backbone at every stage and measure each cut on few labels");

}  // namespace
}  // namespace espalier::app

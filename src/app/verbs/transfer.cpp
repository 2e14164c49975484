// transfer: cuts a backbone at every stage and measures what each cut is worth on few labels.
#include "transfer/sweep.h"

#include "app/run_arguments.h"
#include "app/verb.h"
#include "core/environment.h"
#include "core/log.h"
#include "engine/run_folder.h"

namespace espalier::app {
namespace {

class Transfer : public Verb {
 public:
  void declare(CLI::App& command) override {
    config_.declare(command);
    command
        .add_option("--backbone", backbone_,
                    "run folder of pretrain, or a .safetensors file with its .json beside it")
        ->required();
    command
        .add_option("--out", out_,
                    "the folder of the sweep; results that it holds are not computed again, and "
                    "several processes may share it")
        ->required();
    command.add_flag("--json", json_, "print the summary as JSON instead of a table");
    command.footer(
        "Example:\n"
        "  espalier transfer configs/transfer/quick_fashion_mnist.yaml --backbone runs/rotation "
        "--out runs/rotation-transfer transfer.seeds=3");
  }

  bool wants_huge_pages() const override { return true; }
  bool stops_on_request() const override { return true; }

  int run(Context& context) override {
    log_ignored_environment();
    const Stopwatch watch;
    auto backbone = engine::BackboneFile::open(backbone_);
    auto config = transfer::TransferConfig::read(config_.document(), backbone);
    const transfer::Sweep sweep(std::move(config), std::move(backbone), out_, context.quiet);
    log::add_file(engine::RunFolder{out_}.log());
    const int64_t computed = sweep.run();
    sweep.write_results(context.command, watch.seconds(), computed);
    const auto rows = statistics::summarize(sweep.finished());
    const transfer::Setting& setting = sweep.setting();
    if (json_)
      fmt::print("{}\n",
                 transfer::summary_json(rows, setting.backbone.stages, setting.classes).dump(2));
    else
      fmt::print("{}", transfer::summary_table(rows));
    return 0;
  }

 private:
  RunArguments config_;
  std::string backbone_, out_;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, Transfer, "transfer",
                  "cut a backbone at every stage and measure each cut on few labels");

}  // namespace
}  // namespace espalier::app

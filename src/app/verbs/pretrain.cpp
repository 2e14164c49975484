// pretrain: trains a backbone, on every rank it was started on.
#include <fmt/ranges.h>

#include "app/run_arguments.h"
#include "app/verb.h"
#include "comm/agree.h"
#include "core/environment.h"
#include "train/agreement.h"
#include "train/trainer.h"

namespace espalier::app {
namespace {

class Pretrain : public Verb {
 public:
  void declare(CLI::App& command) override {
    config_.declare(command);
    command.add_option("--out", out_, "Folder of the run")->required();
    command.add_flag("--resume", resume_,
                     "Go on from the last whole checkpoint in --out, on any number of ranks");
    command.footer(
        "Example:\n"
        "  mpirun -n 2 espalier pretrain configs/pretrain/rotation_fashion_mnist.yaml --out "
        "runs/rotation optim.lr=0.05\n"
        "Exit codes: 0 done, 75 stopped by a signal after a checkpoint, 2 usage, 3 data, 4 disk, 5 "
        "a rank was lost.");
  }

  bool uses_ranks() const override { return true; }

  bool stops_on_request() const override { return true; }

  // Exact bits are promised on the same instructions; a fast run takes all that are there.
  std::string instruction_set_before() const override {
    const std::string mode =
        config_.document().peek("parallel", "mode", name_of(sync::ParallelOptions().mode));
    return resume_ && value_named<sync::Mode>(mode) == sync::Mode::kExact
               ? train::saved_instruction_set({out_})
               : "";
  }

  int run(Context& context) override {
    log_ignored_environment();
    train::RunConfig config;
    const engine::RunFolder folder{out_};
    comm::agree(context.control, [&] {
      config::Document document = config_.document();
      if (resume_ && std::filesystem::exists(folder.config()))
        keep_settled(document, config::Document::load(folder.config()));
      if (document.peek("parallel", "lanes", "auto") == "auto")
        document.set(fmt::format("parallel.lanes={}", context.control.size()));
      config = train::RunConfig::read(std::move(document));
    });
    train::Trainer trainer(std::move(config), folder, context.control, context.quiet);
    int exit_code = 0;
    comm::raise_errors(context.control, [&] { exit_code = trainer.run(resume_, context.command); });
    return exit_code;
  }

 private:
  // What the first start of a run settled by itself holds for the whole run: lanes that followed
  // its ranks, normalisation that followed its images.
  static void keep_settled(config::Document& document, const config::Document& first) {
    if (document.peek("parallel", "lanes", "auto") == "auto")
      document.set("parallel.lanes=" + first.peek("parallel", "lanes", "auto"));
    for (const char* name : {"mean", "std"}) {
      std::vector<double> given, settled;
      document.fill("augment", {{name, &given, {}}});
      first.fill("augment", {{name, &settled, {}}});
      if (given.empty() && !settled.empty())
        document.set(fmt::format("augment.{}=[{}]", name, fmt::join(settled, ", ")));
    }
  }

  RunArguments config_;
  std::string out_;
  bool resume_ = false;
};

ESPALIER_REGISTER(Verb, Pretrain, "pretrain",
                  "Train a backbone on a pretext task, on one rank or many");

}  // namespace
}  // namespace espalier::app

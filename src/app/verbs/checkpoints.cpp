// espalier checkpoints: can the best checkpoint be chosen without labels?
#include "layers/checkpoints.h"
#include "app/json_output.h"
#include "app/verb.h"

namespace espalier::app {
namespace {

class CheckpointsVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("run", options_.run, "folder of a run of pretrain")->required();
    command
        .add_option("data", options_.data,
                    "the packed set whose images each checkpoint is shown; with labels, the "
                    "measures are judged by a probe")
        ->type_name("DIR")
        ->required();
    command.add_option("--images", options_.images, "images to look at, at most")
        ->check(CLI::Range(int64_t{2}, int64_t{1'000'000}))
        ->capture_default_str();
    command.add_option("--seed", options_.seed, "seed of the choice of images")
        ->capture_default_str();
    command.add_flag("--json", json_, "print one JSON object");
    command.footer("Example:\n  espalier checkpoints runs/rotation data/fashion_mnist/test");
  }

  int run(Context&) override {
    const auto study = layers::CheckpointStudy::of(options_);
    if (json_)
      print_json(study.json());
    else
      fmt::print("{}", study.text());
    return 0;
  }

 private:
  layers::CheckpointOptions options_;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, CheckpointsVerb, "checkpoints",
                  "compare a run's checkpoints by measures without labels, and those by a probe");

}  // namespace
}  // namespace espalier::app

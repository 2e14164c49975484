// espalier layers: what each stage of a network holds, beside an untrained one.
#include "app/verb.h"
#include "core/log.h"
#include "layers/study.h"

namespace espalier::app {
namespace {

class LayersVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command
        .add_option("run", options_.run,
                    "the network: RUN that has ended, RUN@STEP, or a .safetensors file with its "
                    ".json beside it")
        ->required();
    command.add_option("data", options_.data, "the packed set whose images it is shown")
        ->type_name("DIR")
        ->required();
    command.add_option("--against", options_.against,
                       "another network of the same model, as RUN, to compare stage by stage");
    command.add_option("--out", out_, "the folder to write layers.html, .json and .csv into")
        ->type_name("DIR")
        ->required();
    command
        .add_option("--images", options_.images,
                    "images to look at, at most; more make probes surer and ranks less bounded")
        ->check(CLI::Range(int64_t{2}, int64_t{1'000'000}))
        ->capture_default_str();
    command
        .add_option("--seed", options_.seed,
                    "seed of the choice of images and of the untrained weights")
        ->capture_default_str();
    command.footer(
        "Example:\n"
        "  espalier layers runs/rotation data/fashion_mnist/test --out runs/rotation/layers");
  }

  int run(Context&) override {
    const layers::Study study = layers::Study::of(options_);
    study.write(out_);
    log::info("layers", "{} measures of {} stages on {} images in {}", study.rows.size(),
              study.stages.size(), study.images, out_);
    return 0;
  }

 private:
  layers::StudyOptions options_;
  std::string out_;
};

ESPALIER_REGISTER(Verb, LayersVerb, "layers",
                  "measure every stage of a network beside an untrained one");

}  // namespace
}  // namespace espalier::app

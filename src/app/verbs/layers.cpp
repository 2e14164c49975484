// espalier layers: what each stage of a network holds, beside an untrained one.
#include "app/model_argument.h"
#include "app/verb.h"
#include "core/log.h"
#include "layers/study.h"

namespace espalier::app {
namespace {

class LayersVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    model_.declare(command);
    command.add_option("data", options_.data, "the packed set whose images it is shown")
        ->type_name("DIR")
        ->required();
    command.add_option("--against", against_,
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
        .add_option("--draws", options_.draws,
                    "untrained networks to compare with; of two and more the numbers have an "
                    "interval")
        ->check(CLI::Range(int64_t{1}, int64_t{1000}))
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
    std::optional<engine::TrainedModel> against;
    if (!against_.empty()) against = open_model(against_);
    const auto study = layers::Study::of(model_.open(), against ? &*against : nullptr, options_);
    study.write(out_);
    log::info("layers", "{} measures of {} stages on {} images in {}", study.rows.size(),
              study.stages.size(), study.images, out_);
    return 0;
  }

 private:
  ModelArgument model_;
  layers::StudyOptions options_;
  std::string against_, out_;
};

ESPALIER_REGISTER(Verb, LayersVerb, "layers",
                  "measure every stage of a network beside an untrained one");

}  // namespace
}  // namespace espalier::app

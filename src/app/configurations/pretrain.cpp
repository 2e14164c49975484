// The configuration of pretrain, of evaluate and of summary.
#include "app/configuration.h"
#include "config/plugin_options.h"
#include "engine/given_weights.h"
#include "train/run_config.h"

namespace espalier::app {
namespace {

struct Model {
  model::ModelOptions model;
  engine::WeightsOptions weights;
  Fields fields() { return config::with(model.fields(), weights.fields()); }
};

class PretrainConfiguration : public Configuration {
 public:
  std::vector<Section> sections() const override {
    return {
        top_level(),
        section<data::DataOptions>("data", "the packed sets, and how they are read"),
        section<augment::AugmentOptions>("augment", "how images become views and numbers"),
        section<Model>("model", "the backbone; its own options are in the same section"),
        section<optim::OptimOptions>(
            "optim", "the optimizer and the schedule; their own options are in the same section"),
        section<train::TrainOptions>("train", "length, precision, checkpoints, hooks"),
        section<sync::ParallelOptions>("parallel", "lanes and communicators")};
  }
};

ESPALIER_REGISTER(Configuration, PretrainConfiguration, "pretrain",
                  "sections of the CONFIG.yaml of pretrain, besides one for each plug-in");

}  // namespace
}  // namespace espalier::app

// The configuration of transfer.
#include "app/configuration.h"
#include "transfer/transfer_config.h"

namespace espalier::app {
namespace {

class TransferConfiguration : public Configuration {
 public:
  std::vector<Section> sections() const override {
    return {
        top_level(), section<transfer::DataOptions>("data", "the two packed sets"),
        section<augment::AugmentOptions>("augment",
                                         "how images become views and numbers; options that are "
                                         "left out are those of the backbone"),
        section<transfer::SweepOptions>("transfer", "the cells of the sweep"),
        section<optim::OptimOptions>(
            "optim", "the optimizer and the schedule; their own options are in the same section")};
  }
};

ESPALIER_REGISTER(Configuration, TransferConfiguration, "transfer",
                  "sections of the CONFIG.yaml of transfer");

}  // namespace
}  // namespace espalier::app

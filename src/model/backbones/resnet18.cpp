// ResNet-18 (model/resnet.h).
#include "model/resnet.h"

namespace espalier::model {
namespace {

class Resnet18 : public Resnet {
 public:
  Resnet18() : Resnet(ResidualBlock::kBasic, {2, 2, 2, 2}) {}
};

ESPALIER_REGISTER(Backbone, Resnet18, "resnet18",
                  "ResNet-18 with torchvision's names; stem for 32 x 32 or 224 x 224 images");

}  // namespace
}  // namespace espalier::model

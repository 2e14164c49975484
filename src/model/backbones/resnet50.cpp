// ResNet-50 (model/resnet.h).
#include "model/resnet.h"

namespace espalier::model {
namespace {

class Resnet50 : public Resnet {
 public:
  Resnet50() : Resnet(ResidualBlock::kBottleneck, {3, 4, 6, 3}) {}
};

ESPALIER_REGISTER(Backbone, Resnet50, "resnet50",
                  "ResNet-50 with torchvision's names; stem for 32 x 32 or 224 x 224 images");

}  // namespace
}  // namespace espalier::model

// ResNet-34 (model/resnet.h).
#include "model/resnet.h"

namespace espalier::model {
namespace {

class Resnet34 : public Resnet {
 public:
  Resnet34() : Resnet(ResidualBlock::kBasic, {3, 4, 6, 3}) {}
};

ESPALIER_REGISTER(Backbone, Resnet34, "resnet34",
                  "ResNet-34 with torchvision's names; stem for 32 x 32 or 224 x 224 images");

}  // namespace
}  // namespace espalier::model

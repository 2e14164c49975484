// How far a classifier comes on the features of each stage.
#pragma once

#include <string>

#include "layers/measure.h"

namespace espalier::layers {

// Accuracy of a probe of transfer (transfer/probe.h), with Wilson's interval of the test images
// alone: its strength is chosen on one fifth of each class, then it learns from four fifths and is
// tested on the last. Empty without labels; NaN where a feature is not finite.
Measured probe_accuracy(const std::string& probe, const Look& look);

}  // namespace espalier::layers

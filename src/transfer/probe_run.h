// A cell whose arm is a probe: features of the cut, a strength chosen by held-out training images,
// one reading of the test set.
#pragma once

#include "transfer/cell.h"

namespace espalier::transfer {

// `backbone` is in evaluation mode and holds the kept stages; `training` are the images to fit on.
// Features that are not finite end it as diverged. The strength whose mean accuracy over the folds
// is highest is taken, of equal ones the strongest; where there are no folds, the middle one.
CellOutput run_probe(const Setting& setting, const Cell& cell, const std::string& probe,
                     model::Backbone& backbone, const data::Selection& training);

}  // namespace espalier::transfer

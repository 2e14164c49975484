// Tables behind the findings of a sweep.
#pragma once

#include "report/run.h"
#include "report/tables.h"

namespace espalier::report {

// Boost, recovery, reuse, dip and specificity (statistics/effects.h).
Table effect_table(const TransferRun& run);

// How often each arm would be the best one, and which are as good.
Table choice_table(const TransferRun& run);

// The best arm against scratch on the stored predictions, at each label budget: over all images,
// with an interval that holds another draw of seeds and of test images (McNemar's p where there is
// one seed), balanced over classes, and macro F1. No rows where the run holds no predictions; where
// they are damaged a row says so.
Table prediction_table(const TransferRun& run);

}  // namespace espalier::report

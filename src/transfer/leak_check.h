// leaks.json of a sweep: are images of its test set among those that the networks were trained or
// pretrained on?
//
//   {"pretraining": {"path", "checked", "why", "hash", "test_hash", "sheet", ...}, "training": {...}}
//
// Beside each the fields of leaks/leaks.h, and "sheet" names a picture of the pairs in the same
// folder where there are some. Where the pretraining set cannot be checked, "checked" is false and
// "why" says why. A second backbone of another set is "pretraining 2", and so on.
#pragma once

#include <filesystem>

#include "transfer/setting.h"

namespace espalier::transfer {

// Nothing where data.leaks is false. What leaks.json of `folder` says of the same sets is not
// computed again. Warns of what is found.
void check_leaks(const Setting& setting, const std::filesystem::path& folder);

}  // namespace espalier::transfer

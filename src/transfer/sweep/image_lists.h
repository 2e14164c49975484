// Which training images a seed uses, so that another program can train on them too.
#pragma once

#include <string>

#include "transfer/setting.h"

namespace espalier::transfer {

// CSV: labels_per_class, seed, image (its number in data.train), class, key. Of every budget but all
// labels.
std::string training_images_csv(const Setting& setting);

}  // namespace espalier::transfer

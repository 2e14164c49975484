// A stored sample as the image that it was.
#pragma once

#include "pack/format.h"
#include "shards/stored_set.h"

namespace espalier::pack {

// The bytes as stored: an image file, or the pixels of a raw sample. kData, naming shard and key.
Content content_of(const shards::StoredSet& set, int64_t sample);

}  // namespace espalier::pack

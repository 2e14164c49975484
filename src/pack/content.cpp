#include "pack/content.h"

namespace espalier::pack {

Content content_of(const shards::StoredSet& set, int64_t sample) {
  if (set.codec(sample) == image::Codec::kRaw) return set.image(sample);
  return set.bytes(sample);
}

}  // namespace espalier::pack

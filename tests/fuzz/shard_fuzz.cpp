// A shard: its attributes, its table, and the search for its faults.
#include "core/error.h"
#include "data/shard.h"
#include "memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  const espalier::MemoryFile file(bytes, count);
  try {
    espalier::data::read_shard(file.path());
  } catch (const espalier::Error& error) {
    if (error.kind() == espalier::Kind::kBug) abort();
  }
  return 0;
}

// A shard: its attributes, its table, and the search for its faults. In a file with a name: HDF5
// does not open one that has only a descriptor.
#include <unistd.h>

#include <fstream>

#include "core/error.h"
#include "shards/shard.h"

namespace {

std::filesystem::path make_file() {
  char name[] = "/dev/shm/shard_fuzz.XXXXXX";
  const int descriptor = mkstemp(name);
  if (descriptor < 0) abort();
  close(descriptor);
  return name;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  static const std::filesystem::path path = make_file();
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes), static_cast<std::streamsize>(count));
  try {
    espalier::shards::read_shard(path);
  } catch (const espalier::Error& error) {
    if (error.kind() == espalier::Kind::kBug) abort();
  }
  return 0;
}

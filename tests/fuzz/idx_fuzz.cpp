// IDX files, plain or compressed.
#include "source_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  espalier::pack::open_and_read("idx", bytes, count);
  return 0;
}

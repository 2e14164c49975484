// Tar files of images and classes.
#include "source_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  espalier::pack::open_and_read("tar", bytes, count);
  return 0;
}

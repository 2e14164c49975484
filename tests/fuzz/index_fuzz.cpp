// An index as verify and as training open it.
#include <fstream>

#include "core/error.h"
#include "data/dataset.h"
#include "shards/index.h"

namespace {

std::filesystem::path make_folder() {
  char name[] = "/dev/shm/index_fuzz.XXXXXX";
  if (mkdtemp(name) == nullptr) abort();
  return name;
}

template <typename Action>
void expect_refusal(const Action& action) {
  try {
    action();
  } catch (const espalier::Error& error) {
    if (error.kind() == espalier::Kind::kBug) abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  static const std::filesystem::path folder = make_folder();
  std::ofstream(folder / espalier::shards::kIndexName, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes), static_cast<std::streamsize>(count));
  expect_refusal([] { espalier::shards::read_index(folder); });
  expect_refusal([] { espalier::data::Dataset::open(folder); });
  return 0;
}

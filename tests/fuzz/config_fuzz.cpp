// A configuration: what is wrong with it is never a bug of the program. A configuration that is
// read says so again when its resolved form is read, and one in eight is also built and tried out.
#include <cstdlib>
#include <string>

#include "core/error_of.h"
#include "train/network_check.h"

namespace espalier::train {
namespace {

void read_and_build(const std::string& text) {
  const RunConfig config = RunConfig::read(config::Document::parse(text, "x.yaml"));
  const std::string resolved = config.document.resolved();
  const RunConfig again = RunConfig::read(config::Document::parse(resolved, "resolved.yaml"));
  if (again.document.resolved() != resolved) abort();
  if (std::hash<std::string>()(text) % 8 != 0) return;
  const int64_t channels = config.augment.mean.size() == 3 ? 3 : 1;
  const engine::DataFacts facts{.input = config.augment.evaluation().output({channels, 32, 32}),
                                .classes = 10,
                                .samples = 100};
  engine::Network network = config.make_network(facts);
  try_out(config, network, facts, {});
}

}  // namespace
}  // namespace espalier::train

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  using namespace espalier;
  try {
    train::read_and_build(std::string(reinterpret_cast<const char*>(bytes), count));
  } catch (...) {
    if (error_of(std::current_exception()).kind() == Kind::kBug) abort();
  }
  return 0;
}

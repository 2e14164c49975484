// espalier verify: checks every byte of a packed data set.
#include "shards/verify.h"

#include "app/packing.h"
#include "core/clock.h"
#include "core/printable.h"
#include "shards/index.h"

namespace espalier::app {
namespace {

class VerifyVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("folder", folder_, "the packed set: a folder that pack wrote")
        ->required()
        ->type_name("DIR");
    command.add_flag("--deep", deep_, "also decode every image");
    command.footer(
        "Example:\n  espalier verify --deep data/cifar10\nExit code 3 when anything is damaged.");
  }

  int run(Context& context) override {
    const shards::Index index = shards::read_index(folder_);
    Progress progress("verify", "images", index.table.size(), !context.quiet);
    progress.update(0);
    const std::vector<std::string> faults = shards::verify(
        folder_, default_threads(), deep_, [&](int64_t done) { progress.update(done); });
    for (const std::string& fault : faults) fmt::print("{}\n", printable(fault));
    check(faults.empty(), Kind::kData,
          "{}: {} faults (try: copy the files named again, or pack again)", folder_, faults.size());
    fmt::print("{}: sound, {} images in {} shards\n", folder_, with_commas(index.table.size()),
               index.shards.size());
    return 0;
  }

 private:
  std::string folder_;
  bool deep_ = false;
};

}  // namespace

ESPALIER_REGISTER(Verb, VerifyVerb, "verify",
                  "check every byte of a packed set, and name each fault");

}  // namespace espalier::app

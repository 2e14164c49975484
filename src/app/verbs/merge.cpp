// espalier merge: packed sets -> one.
#include "pack/merge.h"

#include "app/packing.h"
#include "comm/agree.h"

namespace espalier::app {
namespace {

class MergeVerb : public Verb {
 public:
  bool uses_ranks() const override { return true; }
  bool stops_on_request() const override { return true; }

  void declare(CLI::App& command) override {
    command.add_option("folders", folders_, "the packed sets to join: folders that pack wrote")
        ->required()
        ->expected(2, 1000)
        ->type_name("DIR ...");
    command
        .add_option("--out", out_,
                    "the folder for the shards: a new or empty one, or that of a stopped merge")
        ->required()
        ->type_name("DIR");
    command.add_flag("--prefix-keys", prefix_keys_,
                     "put the number of the set before each key: 1/KEY, 2/KEY, ...");
    // Images are taken as they are stored.
    options_.orientation = pack::Orientation::kIgnore;
    options_.progressive = pack::Progressive::kKeep;
    options_.threads = default_threads();
    for (const Field& field : options_.fields()) {
      for (const char* name :
           {"seed", "shard_size", "order", "storage", "duplicates", "memory", "threads"}) {
        if (field.name == name) declare_field(command, field);
      }
    }
    command.footer(
        "Example:\n"
        "  espalier merge data/cats data/dogs --out data/pets\n"
        "Classes are united by name; classes of the first set keep their numbers.");
  }

  int run(Context& context) override {
    comm::Communicator& control = context.control;
    std::unique_ptr<pack::Packer> packer;
    comm::agree(control, [&] {
      const std::vector<std::filesystem::path> folders(folders_.begin(), folders_.end());
      packer = std::make_unique<pack::Packer>(pack::merged_source(folders, prefix_keys_), out_,
                                              options_);
    });
    run_packer(*packer, context, out_);
    return 0;
  }

 private:
  std::vector<std::string> folders_;
  std::string out_;
  bool prefix_keys_ = false;
  pack::PackOptions options_;
};

}  // namespace

ESPALIER_REGISTER(Verb, MergeVerb, "merge",
                  "join packed sets into one, with classes united by name");

}  // namespace espalier::app

// espalier pack: a source of images -> shards, on any number of ranks.
#include "pack/pack.h"

#include "app/packing.h"
#include "comm/agree.h"
#include "core/files.h"
#include "pack/card.h"

namespace espalier::app {
namespace {

class PackVerb : public Verb {
 public:
  bool uses_ranks() const override { return true; }
  bool stops_on_request() const override { return true; }

  void declare(CLI::App& command) override {
    command.add_option("--source", source_, "the folder or file that holds the images")
        ->required()
        ->type_name("PATH");
    command.add_option("--format", format_, "the format of the source (espalier list format)")
        ->required()
        ->type_name("NAME")
        ->check(CLI::IsMember(Registry<pack::Format>::names()));
    command
        .add_option("--out", out_,
                    "the folder for the shards: a new or empty one, or that of a stopped pack")
        ->required()
        ->type_name("DIR");
    options_.threads = default_threads();
    for (const Field& field : options_.fields()) declare_field(command, field);
    command
        .add_option("--card", card_,
                    "also write a card of the set to this file: counts, sizes, classes, mean, std")
        ->type_name("FILE.yaml");
    command.footer(
        "Examples:\n"
        "  espalier pack --source photos/ --format image_folder --out data/photos\n"
        "  mpirun -n 4 espalier pack --source cifar-10-batches-bin --format cifar --out "
        "data/cifar10\n"
        "  espalier pack --source list.csv --format csv --max-side 320 --duplicates drop --out "
        "data/small\n"
        "A pack that was stopped continues when it is started again. `espalier describe NAME` "
        "prints the options of a format.");
  }

  int run(Context& context) override {
    comm::Communicator& control = context.control;
    std::unique_ptr<pack::Packer> packer;
    comm::agree(control, [&] {
      packer = std::make_unique<pack::Packer>(pack::open_source(format_, source_), out_, options_);
    });
    run_packer(*packer, context, out_);
    if (!card_.empty()) comm::on_rank_zero(control, [&] { write_card(); });
    return 0;
  }

 private:
  void write_card() const {
    const std::string name = std::filesystem::path(out_).filename().string();
    write_file(card_, pack::card_of(shards::StoredSet(out_), name, options_.threads));
  }

  std::string source_, format_, out_, card_;
  pack::PackOptions options_;
};

}  // namespace

ESPALIER_REGISTER(Verb, PackVerb, "pack",
                  "pack images into HDF5 shards, with the same bytes on any number of ranks");

}  // namespace espalier::app

// espalier pack: a source of images -> shards, on any number of ranks.
#include "data/pack.h"

#include "app/packing.h"
#include "comm/agree.h"

namespace espalier::app {
namespace {

class PackVerb : public Verb {
 public:
  bool uses_ranks() const override { return true; }

  void declare(CLI::App& command) override {
    command.add_option("--source", source_, "folder or file with the images")
        ->required()
        ->type_name("PATH");
    command.add_option("--format", format_, "what the source is")
        ->required()
        ->type_name("NAME")
        ->check(CLI::IsMember(Registry<data::Format>::names()));
    command.add_option("--out", out_, "folder for the shards; made, or empty")
        ->required()
        ->type_name("DIR");
    options_.threads = default_threads();
    for (const Field& field : options_.fields()) declare_field(command, field);
    command.footer(
        "Examples:\n"
        "  espalier pack --source photos/ --format image_folder --out data/photos\n"
        "  mpirun -n 4 espalier pack --source cifar-10-batches-bin --format cifar --out "
        "data/cifar10\n"
        "A pack that was stopped goes on when it is started again.");
  }

  int run(Context& context) override {
    comm::Communicator& control = context.control;
    std::unique_ptr<data::Packer> packer;
    comm::agree(control, [&] {
      packer = std::make_unique<data::Packer>(data::open_source(format_, source_), out_, options_,
                                              control.rank(), control.size());
    });
    run_packer(*packer, context, out_);
    return 0;
  }

 private:
  std::string source_, format_, out_;
  data::PackOptions options_;
};

}  // namespace

ESPALIER_REGISTER(Verb, PackVerb, "pack",
                  "images -> HDF5 shards, the same bytes on any rank count");

}  // namespace espalier::app

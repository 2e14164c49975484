// espalier pack: a source of images -> shards, on any number of ranks.
#include "data/pack.h"

#include <algorithm>
#include <thread>

#include "app/verb.h"
#include "comm/agree.h"
#include "comm/world.h"
#include "core/clock.h"

namespace espalier::app {
namespace {

// A rank may have all the work, since one shard may hold all images; the others wait for it this
// long.
constexpr double kDeadlineSeconds = 7 * 86400;

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
    options_.threads = std::max(
        int64_t{1}, static_cast<int64_t>(std::thread::hardware_concurrency()) / comm::local_size());
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
    control.set_deadline(kDeadlineSeconds);
    std::unique_ptr<data::Packer> packer;
    comm::agree(control,
                [&] { packer = std::make_unique<data::Packer>(source_, format_, out_, options_); });
    const int64_t images = packer->items();

    std::string mine;
    comm::agree(control, [&] {
      mine = packer->scan(control.rank(), control.size(), progress(context, "scan", images).update);
    });
    const std::vector<std::string> scans = comm::gather_texts(control, mine);
    comm::agree(control, [&] { packer->plan(scans); });
    comm::on_rank_zero(control, [&] { packer->prepare(); });
    comm::agree(control, [&] {
      const int64_t samples = packer->plan().table.size();
      mine =
          packer->write(control.rank(), control.size(), progress(context, "pack", samples).update);
    });
    const std::vector<std::string> written = comm::gather_texts(control, mine);
    comm::on_rank_zero(control, [&] { packer->finish(written); });
    if (control.rank() == 0) print_summary(packer->plan());
    return 0;
  }

 private:
  // Rank 0's share stands for all.
  struct Reporter {
    std::shared_ptr<Progress> line;
    data::PackProgress update;
  };
  static Reporter progress(const Context& context, const std::string& area, int64_t total) {
    const bool enabled = context.control.rank() == 0 && !context.quiet;
    auto line = std::make_shared<Progress>(area, "images", total, enabled);
    const int64_t ranks = context.control.size();
    return {line,
            [line, ranks, total](int64_t done) { line->update(std::min(total, done * ranks)); }};
  }

  static void declare_field(CLI::App& command, const Field& field) {
    std::string name = "--" + field.name;
    std::ranges::replace(name, '_', '-');
    std::visit(
        [&](auto* target) {
          CLI::Option* option = command.add_option(name, *target, field.info.help);
          option->capture_default_str()->delimiter(',');
          if (!field.info.choices.empty()) option->check(CLI::IsMember(field.info.choices));
          if (field.info.min > -std::numeric_limits<double>::infinity()) {
            option->check(CLI::Range(field.info.min, std::min(field.info.max, 9e18)));
          }
        },
        field.target);
  }

  void print_summary(const data::Plan& plan) const {
    fmt::print("{}: {} images{}, {} classes, {} in {} shards ({} bytes of images)\n", out_,
               with_commas(plan.table.size()),
               plan.num_skipped > 0
                   ? fmt::format(" ({} skipped, see {})", plan.num_skipped, data::kSkippedName)
                   : "",
               plan.facts.class_names.size(), plan.facts.kind, plan.shards(),
               with_commas(plan.table.offset.back()));
  }

  std::string source_, format_, out_;
  data::PackOptions options_;
};

}  // namespace

ESPALIER_REGISTER(Verb, PackVerb, "pack",
                  "images -> HDF5 shards, the same bytes on any rank count");

}  // namespace espalier::app

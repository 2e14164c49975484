// espalier export: a packed data set -> image files.
#include "pack/export.h"

#include "app/packing.h"
#include "core/clock.h"

namespace espalier::app {
namespace {

class ExportVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("what", what_, "the packed set: a folder that pack wrote")
        ->required()
        ->type_name("DIR");
    command
        .add_option("--format", format_,
                    "folder: image files in class folders; tar: a WebDataset file")
        ->required()
        ->check(CLI::IsMember({"folder", "tar"}));
    command.add_option("--out", out_, "the folder or file to make")->required()->type_name("PATH");
    threads_ = default_threads();
    command.add_option("--threads", threads_, "threads that write image files into a folder")
        ->capture_default_str()
        ->check(CLI::Range(1, 1024));
    command.footer(
        "Examples:\n"
        "  espalier export data/cifar10 --format folder --out cifar10-images\n"
        "  espalier export data/cifar10 --format tar --out cifar10.tar\n"
        "Images that are stored as files keep their bytes; pixels become PNG files.");
  }

  int run(Context& context) override {
    const shards::StoredSet set(what_);
    Progress progress("export", "images", set.size(), !context.quiet);
    const auto update = [&](int64_t done) { progress.update(done); };
    if (format_ == "folder") {
      pack::export_folder(set, out_, threads_, update);
    } else {
      pack::export_tar(set, out_, update);
    }
    fmt::print("{}: {} images\n", out_, with_commas(set.size()));
    return 0;
  }

 private:
  std::string what_, format_, out_;
  int64_t threads_ = 1;
};

}  // namespace

ESPALIER_REGISTER(Verb, ExportVerb, "export",
                  "write the images of a packed set as files or as a tar of them");

}  // namespace espalier::app

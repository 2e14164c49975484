// espalier export: a packed data set -> image files, or a backbone -> what other libraries load.
#include "pack/export.h"

#include "app/packing.h"
#include "app/weights_export.h"
#include "core/clock.h"

namespace espalier::app {
namespace {

class ExportVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("what", what_, "a packed set, or the folder of a run that has ended")
        ->required()
        ->type_name("DIR");
    std::vector<std::string> formats = all_names<Library>();
    formats.insert(formats.begin(), {"folder", "tar"});
    command
        .add_option("--format", format_,
                    "of a packed set, folder: image files in class folders; tar: a WebDataset "
                    "file; of a run, the library that shall load its backbone, or the kind of file")
        ->required()
        ->check(CLI::IsMember(formats));
    command
        .add_option("--part", part_,
                    "of a run: student, the backbone that was trained; teacher, the one that its "
                    "task has for it; projector, what its task put on top")
        ->capture_default_str()
        ->check(CLI::IsMember(all_names<Part>()));
    command.add_option("--out", out_, "the folder or file to make")->required()->type_name("PATH");
    threads_ = default_threads();
    command.add_option("--threads", threads_, "threads that write image files into a folder")
        ->capture_default_str()
        ->check(CLI::Range(1, 1024));
    command.footer(
        "Examples:\n"
        "  espalier export data/cifar10 --format folder --out cifar10-images\n"
        "  espalier export data/cifar10 --format tar --out cifar10.tar\n"
        "  espalier export runs/simclr --format timm --out simclr-resnet18\n"
        "Images that are stored as files keep their bytes; pixels become PNG files.");
  }

  int run(Context& context) override {
    if (const auto library = value_named<Library>(format_)) {
      export_weights(what_, value_named<Part>(part_).value(), *library, out_);
      fmt::print("{}: the {} for {}\n", out_, part_, format_);
      return 0;
    }
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
  std::string what_, format_, out_, part_ = name_of(Part::kStudent);
  int64_t threads_ = 1;
};

}  // namespace

ESPALIER_REGISTER(Verb, ExportVerb, "export",
                  "write the images of a packed set as files, or a backbone for other libraries");

}  // namespace espalier::app

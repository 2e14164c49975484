// embed: features of a packed set, as a file for other programs.
#include <filesystem>

#include "app/json_output.h"
#include "app/model_argument.h"
#include "app/verb.h"
#include "core/clock.h"
#include "data/feature_file.h"

namespace espalier::app {
namespace {

class Embed : public Verb {
 public:
  void declare(CLI::App& command) override {
    model_.declare(command);
    command.add_option("data", data_, "the packed set: a folder that pack wrote")
        ->required()
        ->type_name("DIR");
    command
        .add_option("--out", out_,
                    "the file to write: .npy (numpy.load; keys and labels in FILE.csv), .h5 "
                    "(features, key, label, class_names) or .csv (a line an image)")
        ->required()
        ->type_name("FILE")
        ->check([](const std::string& name) -> std::string {
          const auto types = data::feature_file_types();
          const std::string type = std::filesystem::path(name).extension().string();
          if (std::ranges::find(types, type) != types.end()) return "";
          return fmt::format("'{}' ends in none of {} (try: features.npy)", name,
                             fmt::join(types, ", "));
        });
    add_cut_option(command, cut_);
    command.add_flag("--json", json_, "print what was written as JSON");
    command.footer(
        "Example:\n  espalier embed runs/simclr data/cifar10/test --out features.npy --cut 3");
  }

  int run(Context& context) override {
    const engine::TrainedModel model = model_.open();
    const int64_t cut = settle_cut(cut_, model);
    const data::Dataset set = open_images(data_, model);
    const data::Selection all = data::all(set.size());
    Progress progress("embed", "images", set.size(), !context.quiet);
    const at::Tensor rows =
        model.features(set, all, cut, [&](int64_t done) { progress.update(done); });
    const int64_t width = rows.size(1);
    data::write_features(out_, set, all,
                         {rows.const_data_ptr<float>(), static_cast<size_t>(rows.numel())}, width);
    const std::string stage = model.backbone->stages()[static_cast<size_t>(cut - 1)];
    if (json_)
      print_json({{"file", out_},
                  {"images", set.size()},
                  {"width", width},
                  {"cut", cut},
                  {"stage", stage}});
    else
      fmt::print("{}: {} images, {} numbers each, after stage {} ({})\n", out_,
                 with_commas(set.size()), width, cut, stage);
    return 0;
  }

 private:
  ModelArgument model_;
  std::string data_, out_;
  int64_t cut_ = 0;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, Embed, "embed",
                  "write the features of a packed set's images as a NumPy, HDF5 or CSV file");

}  // namespace
}  // namespace espalier::app

// fit: trains one arm of the transfer stage and keeps the network.
#include "app/json_output.h"
#include "app/run_arguments.h"
#include "app/verb.h"
#include "core/clock.h"
#include "core/environment.h"
#include "core/files.h"
#include "core/folder_lock.h"
#include "core/log.h"
#include "transfer/fit/fitted_model.h"

namespace espalier::app {
namespace {

class FitVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    config_.declare(command);
    command
        .add_option("--backbone", backbone_,
                    "run folder of pretrain or fit, or a .safetensors file with its .json beside "
                    "it")
        ->required()
        ->type_name("RUN");
    command.add_option("--cut", choice_.cut, "how many stages are kept; default: all of them")
        ->check(CLI::Range(int64_t{1}, int64_t{1000}));
    command
        .add_option("--mode", choice_.mode,
                    "what happens to the stages that are kept (espalier list mode)")
        ->capture_default_str();
    command
        .add_option("--head", choice_.head,
                    "what stands on the cut and is new (espalier list head)")
        ->capture_default_str();
    command
        .add_option("--source", choice_.source,
                    "whose weights are kept: ours, those of --backbone, or a name in "
                    "transfer.sources")
        ->capture_default_str();
    command
        .add_option("--labels", labels_,
                    "training images of each class: a number, or all (nine tenths of them; the "
                    "last tenth draws the curve)")
        ->capture_default_str();
    command.add_option("--out", out_, "the folder of the fitted model; new or empty")
        ->required()
        ->type_name("DIR");
    command.add_flag("--json", json_, "print what was fitted as JSON");
    command.footer(
        "The network is that of seed 0 of a sweep with this configuration, where both take the "
        "same "
        "rate and steps:\nof several transfer.kept_lr_factor, transfer.lr and transfer.steps, fit "
        "takes what is best for its arm on\nheld-out training images, a sweep what is best for the "
        "arm and its controls together. No test set is\nread: evaluate does that.\n\n"
        "Example:\n"
        "  espalier fit configs/transfer/quick_fashion_mnist.yaml --backbone runs/rotation --cut 3 "
        "--mode tuned --labels all --out runs/fitted");
  }

  bool wants_huge_pages() const override { return true; }

  int run(Context& context) override {
    log_ignored_environment();
    choice_.labels_per_class = labels_per_class();
    const engine::RunFolder folder{out_};
    require_empty(folder);
    const auto backbone = engine::BackboneFile::open(backbone_);
    transfer::Fit fit(transfer::TransferConfig::read(
                          transfer::with_choice(config_.document(), choice_, backbone), backbone),
                      backbone, choice_);
    make_directories(out_);
    const FolderLock lock(folder.lock(), "fit");
    log::add_file(folder.log());
    transfer::begin_fitted(folder, fit);
    const bool shows = !context.quiet;
    fit.choose(
        [&, progress = std::make_shared<std::optional<Progress>>()](int64_t done, int64_t runs) {
          if (!*progress) progress->emplace("fit", "trial runs", runs, shows);
          (*progress)->update(done);
        });
    const auto& [cell, validation] = fit.chosen();
    Progress progress("fit", "steps", cell.setting.steps, shows);
    int64_t step = 0;
    const transfer::TrainedCell trained = fit.train([&] { progress.update(++step); });
    transfer::write_fitted(folder, fit, trained, context.command);
    print(fit, trained);
    return 0;
  }

 private:
  int64_t labels_per_class() const {
    if (labels_ == "all") return 0;
    char* end = nullptr;
    const int64_t number = std::strtoll(labels_.c_str(), &end, 10);
    check(!labels_.empty() && *end == '\0' && number > 0, Kind::kUsage,
          "--labels is '{}', it must be a number above 0, or all", labels_);
    return number;
  }

  static void require_empty(const engine::RunFolder& folder) {
    check(!std::filesystem::exists(folder.path) || std::filesystem::is_empty(folder.path),
          Kind::kUsage, "{} is not empty (try: another --out)", folder.path.string());
  }

  void print(const transfer::Fit& fit, const transfer::TrainedCell& trained) const {
    const auto& [cell, validation] = fit.chosen();
    if (json_)
      return print_json({{"folder", out_},
                         {"arm", cell.arm.text()},
                         {"lr", cell.setting.lr},
                         {"steps", cell.setting.steps},
                         {"classes", fit.setting().classes},
                         {"seconds", trained.output.result.seconds}});
    fmt::print("{}: {}, lr {}, {} steps, {} classes (try: espalier predict {} IMAGE)\n", out_,
               cell.arm.text(), cell.setting.lr, cell.setting.steps, fit.setting().class_count(),
               out_);
  }

  RunArguments config_;
  transfer::FitChoice choice_;
  std::string backbone_, labels_ = "all", out_;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, FitVerb, "fit",
                  "train one arm of the transfer stage and keep the network, to predict with");

}  // namespace
}  // namespace espalier::app

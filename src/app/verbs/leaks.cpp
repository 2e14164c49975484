// espalier leaks: are images of one set copies of images in another?
#include "leaks/leaks.h"
#include "app/json_output.h"
#include "app/model_argument.h"
#include "app/png_file.h"
#include "app/verb.h"
#include "core/cores.h"
#include "core/log.h"
#include "transfer/leak_features.h"

namespace espalier::app {
namespace {

constexpr int64_t kMostDrawn = 500;

class LeaksVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("data", data_, "a packed set that networks were trained or pretrained on")
        ->type_name("DIR")
        ->required();
    command.add_option("test", test_, "the packed set that they are tested on")
        ->type_name("DIR")
        ->required();
    command
        .add_option("--backbone", backbone_,
                    "also look for images that this network, a RUN, hardly tells apart: larger "
                    "crops, other colours; one pass over both sets")
        ->type_name("RUN");
    add_png_option(command, out_, /*required=*/false);
    command.add_flag("--json", json_, "print one JSON object, with every pair");
    command.footer(
        "Example:\n"
        "  espalier leaks data/fashion-mnist/train data/fashion-mnist/test --out pairs.png");
  }

  int run(Context&) override {
    const data::Dataset others = data::Dataset::open(data_), test = data::Dataset::open(test_);
    check(test.size() > 0 && others.size() > 0, Kind::kUsage, "{} holds no images",
          test.size() > 0 ? data_ : test_);
    leaks::Leaks found = leaks::find_leaks(test, others, core_share().cores);
    if (!backbone_.empty()) found.add(transfer::find_alike(open_model(backbone_), test, others));
    if (json_) {
      Json json = leaks::to_json(found, test, others);
      json["path"] = data_;
      print_json(json);
    } else {
      fmt::print("{}\n", leaks::summary(found));
    }
    if (out_.empty()) return 0;
    if (found.found() == 0) {
      log::info("leaks", "there is no pair to draw, {} is not written", out_);
      return 0;
    }
    write_png(out_, leaks::draw_pairs(found, test, others, kMostDrawn));
    log::info("leaks", "{} of {} pairs in {}", std::min(found.found(), kMostDrawn), found.found(),
              out_);
    return 0;
  }

 private:
  std::string data_, test_, backbone_, out_;
  bool json_ = false;
};

}  // namespace

ESPALIER_REGISTER(Verb, LeaksVerb, "leaks",
                  "find images of one set among those of another: exact and near copies");

}  // namespace espalier::app

// predict: the classes of images, with their probabilities.
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>

#include "app/json_output.h"
#include "app/model_argument.h"
#include "app/pictures.h"
#include "app/verb.h"
#include "core/clock.h"
#include "core/files.h"
#include "core/log.h"
#include "core/printable.h"
#include "image/codec.h"
#include "image/draw.h"
#include "report/drawing/gallery.h"
#include "report/html.h"

namespace espalier::app {
namespace {

constexpr size_t kAtOnce = 64;  // images in one batch
constexpr size_t kShown = 200;  // images on a page

// What the network says of one image.
struct Prediction {
  int64_t picture = 0;  // its place in Pictures
  std::vector<double> probabilities;
  std::vector<size_t> order;  // classes, the most probable first

  size_t best() const { return order.front(); }
};

class Predict : public Verb {
 public:
  void declare(CLI::App& command) override {
    model_.declare(command);
    command
        .add_option("image", paths_,
                    "JPEG and PNG files, folders of them, or packed sets; where folders or labels "
                    "name classes, predictions are compared with them")
        ->required()
        ->type_name("IMAGE");
    command
        .add_option("--count", count_, "largest number of images, drawn by --seed; default: all")
        ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}));
    command.add_option("--seed", seed_, "seed of the choice of --count images")
        ->capture_default_str();
    command.add_option("--top", top_, "how many classes of each image are printed")
        ->check(CLI::Range(int64_t{1}, int64_t{1000}))
        ->capture_default_str();
    command
        .add_option("--html", html_,
                    "also make a page of the images with their probabilities as bars, of the first "
                    "200")
        ->type_name("FILE");
    command.add_flag("--json", json_, "print all probabilities as one JSON object");
    command.footer(
        "An image that cannot be decoded is a warning; the others are predicted, and the exit code "
        "is 3.\n\n"
        "Example:\n  espalier predict runs/fitted photos cat.jpg --html predictions.html");
  }

  int run(Context& context) override {
    const engine::TrainedModel model = model_.open();
    model.require_classes();
    Pictures pictures(paths_);
    if (count_ > 0) pictures.draw(count_, seed_);
    compares_ = names_a_class(pictures, model.classes);
    const std::vector<Prediction> predictions = predict(model, pictures, !context.quiet && !json_);
    json_ ? print_as_json(model, pictures, predictions) : print(model, pictures, predictions);
    if (!html_.empty()) write_file(html_, page(model, pictures, predictions));
    return predictions.size() == static_cast<size_t>(pictures.size())
               ? 0
               : static_cast<int>(Kind::kData);
  }

 private:
  std::vector<Prediction> predict(const engine::TrainedModel& model, const Pictures& pictures,
                                  bool show_progress) const {
    std::vector<Prediction> predictions;
    Progress progress("predict", "images", pictures.size(), show_progress);
    std::vector<at::Tensor> inputs;
    std::vector<int64_t> places;  // of the inputs
    for (int64_t i = 0; i < pictures.size(); ++i) {
      if (const auto image = image_of(pictures, i)) {
        inputs.push_back(model.input_of(*image, pictures.name(i)));
        places.push_back(i);
      }
      const bool last = i + 1 == pictures.size();
      if (inputs.empty() || (inputs.size() < kAtOnce && !last)) continue;
      const at::Tensor rows = model.probabilities(inputs);
      const size_t classes = model.classes.size();
      for (size_t row = 0; row < places.size(); ++row)
        predictions.push_back(
            prediction_of(places[row], {rows.const_data_ptr<double>() + row * classes, classes}));
      inputs.clear();
      places.clear();
      progress.update(i + 1);
    }
    return predictions;
  }

  // A folder may as well be a journey: names are compared where one of them is a class.
  static bool names_a_class(const Pictures& pictures, const std::vector<std::string>& classes) {
    for (int64_t i = 0; i < pictures.size(); ++i)
      if (std::ranges::find(classes, pictures.class_name(i)) != classes.end()) return true;
    return false;
  }

  std::string truth_of(const Pictures& pictures, const Prediction& prediction) const {
    return compares_ ? pictures.class_name(prediction.picture) : "";
  }

  // Nothing, with a warning, where it cannot be decoded.
  static std::optional<image::Image> image_of(const Pictures& pictures, int64_t i) {
    try {
      return pictures.image(i);
    } catch (const Error& error) {
      if (error.kind() != Kind::kData) throw;
      log::warning("predict", "{}", error.what());
      return std::nullopt;
    }
  }

  static Prediction prediction_of(int64_t picture, std::span<const double> probabilities) {
    Prediction prediction{picture, {probabilities.begin(), probabilities.end()}, {}};
    prediction.order.resize(probabilities.size());
    std::iota(prediction.order.begin(), prediction.order.end(), 0);
    std::ranges::stable_sort(prediction.order, std::greater{},
                             [&](size_t c) { return probabilities[c]; });
    return prediction;
  }

  void print(const engine::TrainedModel& model, const Pictures& pictures,
             const std::vector<Prediction>& predictions) const {
    size_t widest = 5;
    for (const Prediction& prediction : predictions)
      widest = std::max(widest, printable(pictures.name(prediction.picture)).size());
    int64_t right = 0, known = 0;
    for (const Prediction& prediction : predictions) {
      std::string text;
      const size_t shown = std::min(static_cast<size_t>(top_), prediction.order.size());
      for (size_t k = 0; k < shown; ++k) {
        const size_t c = prediction.order[k];
        text += fmt::format("{}{} {:.1f} %", k == 0 ? "" : ", ", printable(model.classes[c]),
                            100 * prediction.probabilities[c]);
      }
      const std::string truth = truth_of(pictures, prediction);
      const bool is_right = truth == model.classes[prediction.best()];
      known += !truth.empty();
      right += !truth.empty() && is_right;
      if (!truth.empty() && !is_right) text += fmt::format("  (it is {})", printable(truth));
      fmt::print("{:<{}}  {}\n", printable(pictures.name(prediction.picture)), widest, text);
    }
    if (known > 0)
      fmt::print("right by folder or label: {} of {} ({:.1f} %)\n", with_commas(right),
                 with_commas(known),
                 100.0 * static_cast<double>(right) / static_cast<double>(known));
  }

  std::string page(const engine::TrainedModel& model, const Pictures& pictures,
                   const std::vector<Prediction>& predictions) const {
    std::vector<report::Prediction> shown;
    for (const Prediction& prediction : predictions) {
      if (shown.size() == kShown) break;
      report::Prediction one{
          .name = pictures.name(prediction.picture),
          .png = image::encode_png(image::at_viewing_size(pictures.image(prediction.picture))),
          .truth = truth_of(pictures, prediction)};
      for (const size_t c : prediction.order)
        one.classes.emplace_back(model.classes[c], prediction.probabilities[c]);
      shown.push_back(std::move(one));
    }
    const std::string heading = fmt::format("What {} says of {} images", model.path,
                                            with_commas(static_cast<int64_t>(predictions.size())));
    return report::page(heading,
                        "<h1>" + report::escape(heading) + "</h1>\n" + report::gallery(shown));
  }

  void print_as_json(const engine::TrainedModel& model, const Pictures& pictures,
                     const std::vector<Prediction>& predictions) const {
    Json images = Json::array();
    for (const Prediction& prediction : predictions) {
      Json row = {{"image", pictures.name(prediction.picture)},
                  {"class", model.classes[prediction.best()]},
                  {"probability", prediction.probabilities[prediction.best()]},
                  {"probabilities", Json::object()}};
      for (size_t c = 0; c < model.classes.size(); ++c)
        row["probabilities"][model.classes[c]] = prediction.probabilities[c];
      const std::string truth = truth_of(pictures, prediction);
      if (!truth.empty()) row["label"] = truth;
      images.push_back(std::move(row));
    }
    print_json({{"model", model.path}, {"step", model.step}, {"images", images}});
  }

  ModelArgument model_;
  std::vector<std::string> paths_;
  std::string html_;
  int64_t count_ = 0, top_ = 3;
  uint64_t seed_ = 0;
  bool json_ = false, compares_ = false;
};

ESPALIER_REGISTER(Verb, Predict, "predict", "print the classes of images with their probabilities");

}  // namespace
}  // namespace espalier::app

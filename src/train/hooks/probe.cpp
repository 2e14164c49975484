// Linear-probe accuracy of the pooled features: a ridge classifier on standardised features, solved
// in closed form (tensor/linear_probe.h), so that nothing is tuned and nothing is random.
//
// The images that it learns from are drawn from probe.data, or from the training set; the test
// images from the validation set, or, where there is none, from the same images, other ones
// (train/labelled_images.h). A fifth of each class of the former chooses the decay, then all of
// them are fitted again, and the test images are read once. The interval is Wilson's, of the test
// images alone: it holds neither another draw of the images to learn from nor another seed of the
// run.
//
// Cost each time: every image once through the network, spread over the ranks; then, on rank 0,
// about D^3 + N D^2 operations for features of D numbers, twice.
#include <torch/torch.h>

#include <cmath>

#include "comm/agree.h"
#include "core/log.h"
#include "engine/evaluate.h"
#include "tensor/linear_probe.h"
#include "train/labelled_images.h"

namespace espalier::train {
namespace {

class Probe : public Hook {
 public:
  Fields fields() override {
    return {{"data",
             &data_,
             {.help = "folder of a packed set with labels to learn from; empty = the training "
                      "set"}},
            {"images",
             &image_count_,
             {.min = 2,
              .max = 1e9,
              .unit = "images",
              .help = "labelled images to learn from, at most; each goes through the network once "
                      "a measurement, and rank 0 holds their features"}},
            {"tests",
             &test_count_,
             {.min = 1,
              .max = 1e9,
              .unit = "images",
              .help = "labelled images of the validation set to test on, at most; without a "
                      "validation set, of the set that is learned from"}}};
  }

  void check(const TrainingView& view) override {
    pair_ = LabelledPair::draw(view, {.hook = "probe",
                                      .data = data_,
                                      .known = "images",
                                      .tested = "tests",
                                      .known_count = image_count_,
                                      .tested_count = test_count_});
    const auto count = static_cast<int64_t>(pair_.known.samples.size());
    const std::span<const int64_t> labels(pair_.known.classes.const_data_ptr<int64_t>(),
                                          pair_.known.samples.size());
    held_out_ = torch::zeros({count}, torch::kBool);
    for (const int64_t i :
         data::split(labels, data::all(count), kHeldOut, static_cast<uint64_t>(view.config.seed))
             .held_out)
      held_out_.mutable_data_ptr<bool>()[i] = true;
    log::info("probe", "learns from {} labelled images of {}, and is tested on {} of {}", count,
              pair_.known.name, pair_.tested.samples.size(), pair_.tested.name);
  }

  Scalars measure(TrainingView& view) override {
    const engine::EvaluationMode mode(view.network);
    const at::Tensor known = pair_.known.features(view), tested = pair_.tested.features(view);
    double right = std::nan("");
    comm::on_rank_zero(view.control, [&] { right = right_answers(known, tested); });
    view.control.broadcast(&right, 1, comm::DataType::f64, 0).wait();
    const Share accuracy = share_of_trials(right, static_cast<double>(pair_.tested.samples.size()));
    warn_below_start(view, "probe_accuracy", accuracy);
    return {{"probe_accuracy", accuracy.value},
            {"probe_accuracy_low", accuracy.low},
            {"probe_accuracy_high", accuracy.high}};
  }

 private:
  static constexpr double kHeldOut = 0.2;

  // NaN where a feature is not finite.
  double right_answers(const at::Tensor& known, const at::Tensor& tested) const {
    const torch::NoGradGuard no_graph;
    if (!known.isfinite().all().item<bool>() || !tested.isfinite().all().item<bool>())
      return std::nan("");
    const at::Tensor& classes = pair_.known.classes;
    const double decay = tensor::choose_decay(known, classes, pair_.classes, held_out_);
    const tensor::LinearProbe probe = tensor::fit_probe(known, classes, pair_.classes, decay);
    return probe.predict(tested).eq(pair_.tested.classes).sum().item<double>();
  }

  std::string data_;
  int64_t image_count_ = 5000, test_count_ = 2000;
  LabelledPair pair_;
  at::Tensor held_out_;  // bool, of each image to learn from
};

ESPALIER_REGISTER(Hook, Probe, "probe",
                  "accuracy of a linear classifier on the features, with its interval, before the "
                  "first step and after every epoch");

}  // namespace
}  // namespace espalier::train

// Weighted k-nearest-neighbour accuracy of the pooled features (Wu et al., "Unsupervised feature
// learning via non-parametric instance discrimination", CVPR 2018, section 3.4): of a bank of
// images, the k of largest cosine similarity s to a query vote for their class with exp(s / T).
//
// The bank is drawn from knn.data, or from the training set; the queries from the validation set,
// or, where there is none, from the images that the bank is drawn from, other ones than the bank
// (train/labelled_images.h). Every rank embeds its share of both and votes for its share of the
// queries.
#include <torch/torch.h>

#include "core/log.h"
#include "engine/evaluate.h"
#include "tensor/neighbours.h"
#include "train/labelled_images.h"

namespace espalier::train {
namespace {

class Knn : public Hook {
 public:
  Fields fields() override {
    return {
        {"k", &k_, {.min = 1, .max = 1e6, .help = "how many neighbours vote"}},
        {"temperature",
         &temperature_,
         {.min = 1e-3, .max = 1000, .help = "T of the votes' weights"}},
        {"data",
         &data_,
         {.help = "folder of a packed set with labels to search for neighbours; empty = the "
                  "training set"}},
        {"bank",
         &bank_size_,
         {.min = 1, .max = 1e9, .unit = "images", .help = "labelled images to search, at most"}},
        {"queries",
         &query_count_,
         {.min = 1,
          .max = 1e9,
          .unit = "images",
          .help = "labelled images of the validation set to classify, at most; without a "
                  "validation set, of the set that is searched"}}};
  }

  void check(const TrainingView& view) override {
    pair_ = LabelledPair::draw(view, {.hook = "knn",
                                      .data = data_,
                                      .known = "bank",
                                      .tested = "queries",
                                      .known_count = bank_size_,
                                      .tested_count = query_count_});
    log::info("knn", "searches {} labelled images of {} for the neighbours of {} of {}",
              pair_.known.samples.size(), pair_.known.name, pair_.tested.samples.size(),
              pair_.tested.name);
  }

  Scalars measure(TrainingView& view) override {
    const engine::EvaluationMode mode(view.network);
    const at::Tensor bank = pair_.known.features(view);
    const at::Tensor queries = pair_.tested.features(view);
    const int64_t rank = view.control.rank(), ranks = view.control.size();
    const auto own = [&](const at::Tensor& all) { return all.slice(0, rank, c10::nullopt, ranks); };
    double right = right_votes(bank, own(queries), own(pair_.tested.classes));
    view.control.all_reduce(&right, 1, comm::DataType::f64).wait();
    const Share accuracy = share_of_trials(right, static_cast<double>(pair_.tested.samples.size()));
    warn_below_start(view, "knn_accuracy", accuracy);
    return {{"knn_accuracy", accuracy.value}};
  }

 private:
  double right_votes(const at::Tensor& bank, const at::Tensor& queries,
                     const at::Tensor& truth) const {
    if (queries.size(0) == 0) return 0;
    const tensor::Neighbours near = tensor::nearest(queries, bank, k_);
    // Relative to the nearest, so that no vote overflows.
    const at::Tensor logarithm =
        (near.cosines - near.cosines.narrow(1, 0, 1)).to(torch::kDouble) / temperature_;
    const at::Tensor votes =
        torch::zeros({queries.size(0), pair_.classes}, torch::kDouble)
            .scatter_add_(1, pair_.known.classes.index({near.rows}), logarithm.exp());
    return votes.argmax(1).eq(truth).sum().item<double>();
  }

  int64_t k_ = 20;
  double temperature_ = 0.1;
  std::string data_;
  int64_t bank_size_ = 10000, query_count_ = 2000;
  LabelledPair pair_;
};

ESPALIER_REGISTER(Hook, Knn, "knn",
                  "weighted nearest-neighbour accuracy of the features before the first step and "
                  "after every epoch");

}  // namespace
}  // namespace espalier::train

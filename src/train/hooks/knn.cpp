// Weighted k-nearest-neighbour accuracy of the pooled features (Wu et al., "Unsupervised feature
// learning via non-parametric instance discrimination", CVPR 2018, section 3.4): the k training
// images of largest cosine similarity s vote for their class with exp(s / T). Labels are read here
// and nowhere else in pretraining.
//
// Every rank embeds its share of the bank and votes for its share of the validation images.
#include <torch/torch.h>

#include "train/evaluate.h"
#include "train/training_view.h"

namespace espalier::train {
namespace {

class Knn : public Hook {
 public:
  Fields fields() override {
    return {
        {"k", &k_, {.min = 1, .help = "neighbours that vote"}},
        {"temperature", &temperature_, {.min = 1e-3, .help = "T of the votes' weights"}},
        {"bank",
         &bank_,
         {.min = 1, .unit = "images", .help = "training images to search, the first so many"}},
        {"queries",
         &queries_,
         {.min = 1, .unit = "images", .help = "validation images to classify, the first so many"}}};
  }

  void check(const TrainingView& view) override {
    espalier::check(view.validation != nullptr, Kind::kUsage,
                    "hook knn measures on data.validation, which is empty");
    espalier::check(class_count(view.dataset) > 1 && class_count(*view.validation) > 1,
                    Kind::kUsage,
                    "hook knn needs labels, and data.shards or data.validation has none");
  }

  Scalars at_epoch_end(TrainingView& view) override {
    const EvaluationMode mode(view.network);
    const int64_t bank_size = std::min(bank_, view.dataset.size());
    const at::Tensor own_bank = embed(view, view.dataset, share(view, bank_size));
    const at::Tensor bank = gather(view, own_bank, bank_size);
    const std::vector<int64_t> labels = bank_labels(view, bank_size);
    const data::Selection mine = share(view, std::min(queries_, view.validation->size()));
    double sums[] = {0, static_cast<double>(mine.size())};
    if (!mine.empty())
      sums[0] = right_votes(view, bank, labels, embed(view, *view.validation, mine), mine);
    view.control.all_reduce(sums, 2, comm::DataType::f64).wait();
    return {{"knn_accuracy", sums[0] / sums[1]}};
  }

 private:
  // Every R-th image, beginning with the rank's number.
  static data::Selection share(const TrainingView& view, int64_t count) {
    data::Selection selection;
    for (int64_t i = view.control.rank(); i < count; i += view.control.size())
      selection.push_back(i);
    return selection;
  }

  // f32 [n, D] on the host, rows of length 1.
  static at::Tensor embed(const TrainingView& view, const data::Dataset& dataset,
                          const data::Selection& selection) {
    model::Backbone& backbone = *view.network.backbone;
    const image::ViewShape shape = view.config.view_shape(dataset);
    std::vector<at::Tensor> parts;
    const Pass pass{dataset, view.config.augment, shape, backbone.parameters()[0].scalar_type(),
                    view.device};
    if (!selection.empty())
      pass.over(selection, [&](const at::Tensor& x, int64_t) {
        parts.push_back(model::pooled(backbone.forward({x}, 0, backbone.stage_count()))
                            .cpu()
                            .to(torch::kFloat));
      });
    if (parts.empty()) return torch::empty({0, 0});
    return torch::nn::functional::normalize(torch::cat(parts),
                                            torch::nn::functional::NormalizeFuncOptions().dim(1));
  }

  // Every rank's rows, rank after rank, each padded with zero rows to the largest share: a zero row
  // is never near.
  static at::Tensor gather(const TrainingView& view, const at::Tensor& own, int64_t count) {
    const int64_t ranks = view.control.size(), rows = (count + ranks - 1) / ranks;
    int64_t width = own.size(1);  // 0 on a rank without images
    std::vector<int64_t> widths(static_cast<size_t>(ranks));
    view.control.all_gather(&width, widths.data(), 1, comm::DataType::i64).wait();
    width = *std::max_element(widths.begin(), widths.end());
    at::Tensor padded = torch::zeros({rows, width});
    if (own.size(0) > 0) padded.narrow(0, 0, own.size(0)).copy_(own);
    at::Tensor all = torch::empty({ranks * rows, width});
    view.control
        .all_gather(padded.data_ptr<float>(), all.data_ptr<float>(), rows * width,
                    comm::DataType::f32)
        .wait();
    return all;
  }

  // Labels in the order of gather()'s rows; -1 for padding.
  static std::vector<int64_t> bank_labels(const TrainingView& view, int64_t count) {
    const int64_t ranks = view.control.size(), rows = (count + ranks - 1) / ranks;
    std::vector<int64_t> labels;
    for (int64_t rank = 0; rank < ranks; ++rank)
      for (int64_t row = 0; row < rows; ++row) {
        const int64_t sample = rank + row * ranks;
        labels.push_back(sample < count ? view.dataset.label(sample) : -1);
      }
    return labels;
  }

  double right_votes(const TrainingView& view, const at::Tensor& bank,
                     const std::vector<int64_t>& labels, const at::Tensor& queries,
                     const data::Selection& selection) const {
    // Validation classes are matched to training ones by name.
    const std::vector<std::string>& names = view.dataset.class_names();
    const int64_t classes = class_count(view.dataset);
    const auto [similarity, nearest] =
        torch::mm(queries, bank.t()).topk(std::min(k_, bank.size(0)), 1);
    const at::Tensor weight = (similarity / temperature_).exp();
    double right = 0;
    for (int64_t query = 0; query < queries.size(0); ++query) {
      std::vector<double> votes(static_cast<size_t>(classes));
      for (int64_t j = 0; j < nearest.size(1); ++j) {
        const int64_t label = labels[static_cast<size_t>(nearest[query][j].item<int64_t>())];
        if (label >= 0) votes[static_cast<size_t>(label)] += weight[query][j].item<double>();
      }
      const auto best = std::max_element(votes.begin(), votes.end()) - votes.begin();
      const int64_t truth = view.validation->label(selection[static_cast<size_t>(query)]);
      right += truth >= 0 && (names.empty() || view.validation->class_names().empty()
                                  ? best == truth
                                  : names[static_cast<size_t>(best)] ==
                                        view.validation->class_names()[static_cast<size_t>(truth)]);
    }
    return right;
  }

  int64_t k_ = 20;
  double temperature_ = 0.1;
  int64_t bank_ = 10000;
  int64_t queries_ = 2000;
};

ESPALIER_REGISTER(Hook, Knn, "knn",
                  "weighted nearest-neighbour accuracy of the features after every epoch");

}  // namespace
}  // namespace espalier::train

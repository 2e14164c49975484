// Weighted k-nearest-neighbour accuracy of the pooled features (Wu et al., "Unsupervised feature
// learning via non-parametric instance discrimination", CVPR 2018, section 3.4): of a bank of
// images, the k of largest cosine similarity s to a query vote for their class with exp(s / T).
//
// The bank is drawn from knn.data, or from the training set; the queries from the validation set,
// or, where there is none, from the images that the bank is drawn from, other ones than the bank.
// Only images with a label are drawn, by the run's seed. Labels are read here and nowhere else in
// pretraining; those of two sets meet by the names of their classes.
//
// Every rank embeds its share of the bank and votes for its share of the queries.
#include <torch/torch.h>

#include "core/log.h"
#include "data/classes.h"
#include "engine/evaluate.h"
#include "engine/view_shape.h"
#include "train/open_dataset.h"
#include "train/training_view.h"

namespace espalier::train {
namespace {

// Images of a set, with their classes in the numbers of the bank's set.
struct Images {
  std::optional<data::Dataset> set;
  data::Selection samples;
  at::Tensor classes;  // i64, of each of `samples`
  std::string name;    // of the set, for messages
};

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
    bank_ = {.set = data_.empty() ? view.dataset
                                  : open_dataset(view.control, data_, view.config.data.reading, {}),
             .name = data_.empty() ? fmt::format("data.shards ({})", view.config.data.shards)
                                   : fmt::format("knn.data ({})", data_)};
    const std::vector<std::string> names = data::class_names(*bank_.set);
    classes_ = static_cast<int64_t>(names.size());
    espalier::check(classes_ > 1, Kind::kUsage,
                    "hook knn needs labels, and {} has {} classes (try: knn.data=FOLDER, a packed "
                    "set with labels)",
                    bank_.name, classes_);
    queries_ = view.validation == nullptr
                   ? bank_
                   : Images{.set = *view.validation, .name = view.config.data.validation_name()};
    for (const Images* images : {&bank_, &queries_})
      engine::require_input(view.config.augment.evaluation(), *images->set, view.input,
                            images->name);
    draw(view, names);
    log::info("knn", "searches {} labelled images of {} for the neighbours of {} of {}",
              bank_.samples.size(), bank_.name, queries_.samples.size(), queries_.name);
  }

  Scalars measure(TrainingView& view) override {
    const engine::EvaluationMode mode(view.network);
    const at::Tensor bank = gather(view, embed(view, bank_, bank_.samples));
    const int rank = view.control.rank(), ranks = view.control.size();
    const data::Selection mine = engine::share_of(queries_.samples, rank, ranks);
    double right = 0;
    if (!mine.empty())
      right = right_votes(bank, embed(view, queries_, queries_.samples),
                          queries_.classes.slice(0, rank, c10::nullopt, ranks));
    view.control.all_reduce(&right, 1, comm::DataType::f64).wait();
    return {{"knn_accuracy", right / static_cast<double>(queries_.samples.size())}};
  }

 private:
  void draw(const TrainingView& view, const std::vector<std::string>& names) {
    const auto seed = static_cast<uint64_t>(view.config.seed);
    const auto bank_labels = data::labels_by_name(*bank_.set, names, bank_.name);
    const auto query_labels = data::labels_by_name(*queries_.set, names, queries_.name);
    const auto with_label = [](const data::Selection& from, const std::vector<int64_t>& labels) {
      data::Selection chosen;
      for (const int64_t i : from)
        if (labels[static_cast<size_t>(i)] >= 0) chosen.push_back(i);
      return chosen;
    };
    const bool some = data_.empty() && !view.training.empty();
    data::Selection bank =
        with_label(some ? view.training : data::all(bank_.set->size()), bank_labels);
    data::Selection queries;
    if (view.validation != nullptr) {
      queries = data::draw_some(with_label(view.validating, query_labels), query_count_,
                                "knn.queries", seed);
      // An image would find itself.
      if (queries_.set->hash() == bank_.set->hash())
        bank = data::without(bank, with_label(view.validating, query_labels));
    } else {
      const double part = static_cast<double>(query_count_) /
                          (static_cast<double>(query_count_) + static_cast<double>(bank_size_));
      const auto most = static_cast<int64_t>(part * static_cast<double>(bank.size()));
      queries = data::draw_some(bank, std::min(query_count_, std::max<int64_t>(1, most)),
                                "knn.queries", seed);
      bank = data::without(bank, queries);
    }
    espalier::check(!queries.empty(), Kind::kUsage,
                    "hook knn has no queries: no image of {} has a label (try: no data.validation "
                    "and data.holdout=0; the queries are then other images of {})",
                    queries_.name, bank_.name);
    espalier::check(!bank.empty(), Kind::kUsage,
                    "hook knn has no bank: {} has no image with a label beside those of {} (try: "
                    "data.holdout=0.1, or no data.validation)",
                    bank_.name, queries_.name);
    bank = data::draw_some(bank, bank_size_, "knn.bank", seed);
    bank_.classes = classes_of(bank, bank_labels);
    queries_.classes = classes_of(queries, query_labels);
    bank_.samples = std::move(bank);
    queries_.samples = std::move(queries);
  }

  static at::Tensor classes_of(const data::Selection& samples, const std::vector<int64_t>& labels) {
    const at::Tensor classes =
        torch::empty({static_cast<int64_t>(samples.size())}, torch::TensorOptions(torch::kLong));
    for (size_t i = 0; i < samples.size(); ++i)
      classes.mutable_data_ptr<int64_t>()[i] = labels[static_cast<size_t>(samples[i])];
    return classes;
  }

  // This rank's share of the samples: f32 [n, D] on the host, rows of length 1.
  static at::Tensor embed(const TrainingView& view, const Images& images,
                          const data::Selection& samples) {
    const data::Selection share =
        engine::share_of(samples, view.control.rank(), view.control.size());
    model::Backbone& backbone = *view.network.backbone;
    std::vector<at::Tensor> parts;
    const engine::Pass pass{*images.set, view.config.augment, view.input,
                            backbone.parameters()[0].scalar_type(), view.device};
    if (!share.empty())
      pass.over(share, [&](const at::Tensor& x, int64_t) {
        parts.push_back(backbone.represent({x}).cpu().to(torch::kFloat));
      });
    if (parts.empty()) return torch::empty({0, 0});
    return torch::nn::functional::normalize(torch::cat(parts),
                                            torch::nn::functional::NormalizeFuncOptions().dim(1));
  }

  // All rows of the bank in the order of its samples, on every rank.
  at::Tensor gather(const TrainingView& view, const at::Tensor& own) const {
    const auto count = static_cast<int64_t>(bank_.samples.size());
    const int64_t ranks = view.control.size(), rows = (count + ranks - 1) / ranks;
    const int64_t mine = own.size(1);  // 0 on a rank without images
    std::vector<int64_t> widths(static_cast<size_t>(ranks));
    view.control.all_gather(&mine, widths.data(), 1, comm::DataType::i64).wait();
    const int64_t width = *std::max_element(widths.begin(), widths.end());
    at::Tensor padded = torch::zeros({rows, width});
    if (own.size(0) > 0) padded.narrow(0, 0, own.size(0)).copy_(own);
    at::Tensor all = torch::empty({ranks, rows, width});
    view.control
        .all_gather(padded.data_ptr<float>(), all.data_ptr<float>(), rows * width,
                    comm::DataType::f32)
        .wait();
    return all.transpose(0, 1).reshape({ranks * rows, width}).narrow(0, 0, count);
  }

  double right_votes(const at::Tensor& bank, const at::Tensor& queries,
                     const at::Tensor& truth) const {
    constexpr int64_t kAtOnce = 250;  // bounds the similarities that are held
    double right = 0;
    for (int64_t first = 0; first < queries.size(0); first += kAtOnce) {
      const int64_t count = std::min(kAtOnce, queries.size(0) - first);
      const auto [similarity, nearest] = torch::mm(queries.narrow(0, first, count), bank.t())
                                             .topk(std::min(k_, bank.size(0)), /*dim=*/1);
      // Relative to the nearest, so that no vote overflows.
      const at::Tensor logarithm =
          (similarity - similarity.narrow(1, 0, 1)).to(torch::kDouble) / temperature_;
      const at::Tensor votes =
          torch::zeros({count, classes_}, torch::kDouble)
              .scatter_add_(1, bank_.classes.index({nearest}), logarithm.exp());
      right += votes.argmax(1).eq(truth.narrow(0, first, count)).sum().item<double>();
    }
    return right;
  }

  int64_t k_ = 20;
  double temperature_ = 0.1;
  std::string data_;
  int64_t bank_size_ = 10000, query_count_ = 2000;
  int64_t classes_ = 0;
  Images bank_, queries_;
};

ESPALIER_REGISTER(Hook, Knn, "knn",
                  "weighted nearest-neighbour accuracy of the features before the first step and "
                  "after every epoch");

}  // namespace
}  // namespace espalier::train

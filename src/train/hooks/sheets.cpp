// A sheet of pictures of what the features see, in the run's folder: sheets/step-00000100.png.
//
// Above, a row for each query: an image of the training set and those that lie nearest to it by the
// cosine of their pooled features, with the cosines. Below, images and beside them the last map, or
// the last patches, of the backbone: its first three principal components as red, green and blue
// (tensor/principal_colours.h). Of a task that predicts hidden pixels three rows more: what the
// network saw, what it predicts, and the images. Images are drawn once for a run, by its seed, and
// shown as the network sees them in evaluation.
//
// Cost each time: every image once through the network, spread over the ranks; then, on rank 0, a
// PNG of at most a few megabytes, and the eigenvectors of D x D for maps of D channels.
#include <torch/torch.h>

#include <map>

#include "comm/agree.h"
#include "core/files.h"
#include "core/log.h"
#include "engine/features.h"
#include "image/codec.h"
#include "image/draw.h"
#include "pretext/reconstructs.h"
#include "tensor/neighbours.h"
#include "tensor/principal_colours.h"
#include "train/training_view.h"

namespace espalier::train {
namespace {

// u8 [H, W, C].
image::Image to_image(const at::Tensor& pixels) {
  const at::Tensor whole = pixels.contiguous();
  image::Image image(whole.size(0), whole.size(1), whole.size(2));
  std::copy_n(whole.const_data_ptr<uint8_t>(), image.pixels.size(), image.pixels.begin());
  return image;
}

// Of the last stage whose places lie in a plane, [N, H, W, D]; undefined where there is none.
at::Tensor last_map(model::Backbone& backbone, const image::ViewShape& input, const at::Tensor& x) {
  const auto patches = backbone.patches(input);
  const int64_t prefix = backbone.prefix_tokens();
  model::Features features{x};
  at::Tensor map;
  for (int64_t stage = 0; stage < backbone.stage_count(); ++stage) {
    features = backbone.forward(features, stage, stage + 1);
    const at::Tensor& values = features.values;
    if (values.dim() == 4 && values.size(2) * values.size(3) > 1)
      map = values.permute({0, 2, 3, 1});
    if (values.dim() == 3 && patches && values.size(1) == prefix + patches->count())
      map = values.slice(1, prefix).reshape({x.size(0), patches->rows, patches->columns, -1});
  }
  return map;
}

class Sheets : public Hook {
 public:
  Fields fields() override {
    return {
        {"every",
         &every_,
         {.min = 1,
          .max = 1e6,
          .unit = "epochs",
          .help = "epochs between two sheets; there is also one before the first step and one "
                  "at the end"}},
        {"images",
         &image_count_,
         {.min = 2,
          .max = 1e6,
          .unit = "images",
          .help = "images of the training set to search, at most; each goes through the "
                  "network once a sheet"}},
        {"queries", &query_count_, {.min = 1, .max = 50, .help = "rows of neighbours"}},
        {"neighbours", &neighbour_count_, {.min = 1, .max = 20, .help = "neighbours of a query"}},
        {"maps",
         &map_count_,
         {.min = 0, .max = 50, .help = "images whose map of features is shown"}}};
  }

  void check(const TrainingView& view) override {
    const int64_t channels = view.input.channels;
    espalier::check(channels == 1 || channels == 3, Kind::kUsage,
                    "hook sheets draws pictures of 1 or 3 channels, and views have {}", channels);
    const auto seed = static_cast<uint64_t>(view.config.seed);
    samples_ =
        data::draw_some(view.training.empty() ? data::all(view.dataset.size()) : view.training,
                        image_count_, "sheets.images", seed);
    const auto count = static_cast<int64_t>(samples_.size());
    espalier::check(count >= 2, Kind::kUsage,
                    "hook sheets shows neighbours, and there is {} image to train on", count);
    neighbour_count_ = std::min(neighbour_count_, count - 1);
    queries_ = data::draw_some(data::all(count), query_count_, "sheets.queries", seed);
    mapped_ = map_count_ == 0 ? data::Selection()
                              : data::draw_some(samples_, map_count_, "sheets.maps", seed);
    rebuilt_ = data::draw_some(samples_, columns(), "sheets.rebuilt", seed);
  }

  Scalars measure(TrainingView& view) override {
    if (!is_due(view)) return {};
    const engine::EvaluationMode mode(view.network);
    const torch::NoGradGuard no_graph;
    const engine::Pass pass = pass_of(view);
    const at::Tensor features =
        engine::gather_features(*view.network.backbone, pass, samples_, view.control);
    comm::on_rank_zero(view.control, [&] { write(view, pass, features); });
    return {};
  }

 private:
  struct Sheet {
    std::vector<image::Image> images;
    std::vector<std::string> captions;
    void add(const at::Tensor& pixels, std::string caption) {
      images.push_back(image::at_viewing_size(to_image(pixels)));
      captions.push_back(std::move(caption));
    }
    // What is added next begins a row.
    void end_row(int64_t columns) {
      const at::Tensor white = torch::full({1, 1, 3}, 255, torch::kByte);
      while (static_cast<int64_t>(images.size()) % columns != 0) add(white, "");
    }
  };

  bool is_due(const TrainingView& view) const {
    const int64_t samples =
        view.training.empty() ? view.dataset.size() : static_cast<int64_t>(view.training.size());
    const int64_t epoch = view.step * view.config.data.batch / samples;
    return epoch % every_ == 0 || view.step == view.config.steps(samples);
  }

  static engine::Pass pass_of(const TrainingView& view) {
    return {view.dataset, view.config.augment, view.input,
            view.network.backbone->parameters()[0].scalar_type(), view.device};
  }

  int64_t columns() const { return neighbour_count_ + 1; }

  // [N, C, H, W] as it was before it was normalised: u8 [N, H, W, C].
  static at::Tensor pixels_of(const TrainingView& view, const at::Tensor& x) {
    const auto channels = [](const std::vector<double>& values) {
      return torch::tensor(values, torch::kFloat).view({1, -1, 1, 1});
    };
    const at::Tensor mean = channels(view.config.augment.mean);
    const at::Tensor deviation = channels(view.config.augment.std);
    return ((x.cpu().to(torch::kFloat) * deviation + mean) * 255)
        .round()
        .clamp(0, 255)
        .to(torch::kByte)
        .permute({0, 2, 3, 1});
  }

  // Of each sample, u8 [H, W, C].
  static std::map<int64_t, at::Tensor> pixels_of(const TrainingView& view, const engine::Pass& pass,
                                                 data::Selection samples) {
    std::ranges::sort(samples);
    samples.erase(std::unique(samples.begin(), samples.end()), samples.end());
    std::map<int64_t, at::Tensor> pixels;
    pass.over(samples, [&](const at::Tensor& x, int64_t first) {
      const at::Tensor bytes = pixels_of(view, x);
      for (int64_t i = 0; i < bytes.size(0); ++i)
        pixels[samples[static_cast<size_t>(first + i)]] = bytes[i];
    });
    return pixels;
  }

  void add_neighbours(const TrainingView& view, const engine::Pass& pass,
                      const at::Tensor& features, Sheet& sheet) const {
    const auto [nearest_cosines, nearest] =
        tensor::nearest_others(features, queries_, neighbour_count_);
    const auto sample = [&](int64_t i) { return samples_[static_cast<size_t>(i)]; };
    data::Selection shown;
    for (const int64_t query : queries_) shown.push_back(sample(query));
    for (int64_t i = 0; i < nearest.numel(); ++i)
      shown.push_back(sample(nearest.flatten()[i].item<int64_t>()));
    const auto pixels = pixels_of(view, pass, shown);
    for (size_t q = 0; q < queries_.size(); ++q) {
      const auto row = static_cast<int64_t>(q);
      sheet.add(pixels.at(sample(queries_[q])), "query");
      for (int64_t k = 0; k < neighbour_count_; ++k)
        sheet.add(pixels.at(sample(nearest[row][k].item<int64_t>())),
                  fmt::format("{:.3f}", nearest_cosines[row][k].item<double>()));
    }
  }

  void add_maps(const TrainingView& view, const engine::Pass& pass, Sheet& sheet) const {
    if (mapped_.empty()) return;
    std::vector<at::Tensor> parts;
    pass.over(mapped_, [&](const at::Tensor& x, int64_t) {
      parts.push_back(last_map(*view.network.backbone, view.input, x));
    });
    if (!parts[0].defined()) return;  // vectors from the first stage on
    const at::Tensor colours = tensor::principal_colours(torch::cat(parts));
    const auto pixels = pixels_of(view, pass, mapped_);
    for (size_t i = 0; i < mapped_.size(); ++i) {
      sheet.add(pixels.at(mapped_[i]), "image");
      sheet.add(colours[static_cast<int64_t>(i)], "features");
    }
  }

  void add_reconstructions(const TrainingView& view, const engine::Pass& pass, Sheet& sheet) const {
    auto* const task = dynamic_cast<pretext::Reconstructs*>(view.network.task.get());
    if (task == nullptr) return;
    std::vector<at::Tensor> shown, output, whole;
    pass.over(rebuilt_, [&](const at::Tensor& x, int64_t first) {
      pretext::LaneInput input;
      input.views = {x};
      const auto begin = rebuilt_.begin() + first;
      input.samples = {begin, begin + x.size(0)};
      input.epochs.assign(input.samples.size(), 0);
      input.step.seed = static_cast<uint64_t>(view.config.seed);
      const pretext::Reconstruction rebuilt = task->reconstruct(*view.network.backbone, input);
      shown.push_back(pixels_of(view, rebuilt.shown));
      output.push_back(pixels_of(view, rebuilt.output));
      whole.push_back(pixels_of(view, x));
    });
    for (const auto& [parts, caption] :
         {std::pair{&shown, "seen"}, {&output, "rebuilt"}, {&whole, "image"}}) {
      sheet.end_row(columns());
      const at::Tensor all = torch::cat(*parts);
      for (int64_t i = 0; i < all.size(0); ++i) sheet.add(all[i], caption);
    }
  }

  // A disk that is full costs the sheet, not the run.
  void write(const TrainingView& view, const engine::Pass& pass, const at::Tensor& features) const {
    Sheet sheet;
    add_neighbours(view, pass, features, sheet);
    add_maps(view, pass, sheet);
    add_reconstructions(view, pass, sheet);
    const std::vector<uint8_t> png =
        image::encode_png(image::contact_sheet(sheet.images, sheet.captions, columns()));
    const std::filesystem::path path = view.folder.sheet(view.step);
    try {
      make_directories(path.parent_path());
      write_file(path, {reinterpret_cast<const char*>(png.data()), png.size()});
    } catch (const Error& error) {
      if (error.kind() != Kind::kIo) throw;
      log::warning("sheets", "no sheet at step {}: {}", view.step, error.what());
    }
  }

  int64_t every_ = 10, image_count_ = 1000, query_count_ = 4, neighbour_count_ = 7, map_count_ = 8;
  data::Selection samples_, mapped_, rebuilt_;
  data::Selection queries_;  // places in samples_
};

ESPALIER_REGISTER(Hook, Sheets, "sheets",
                  "a PNG now and then: nearest neighbours of a few images, maps of features as "
                  "colours, and what a task of masked prediction makes of hidden pixels");

}  // namespace
}  // namespace espalier::train

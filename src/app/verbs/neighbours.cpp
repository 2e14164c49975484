// neighbours: what lies close together in the features of a set: near-duplicates, outliers, and the
// images nearest to given ones.
#include "tensor/neighbours.h"

#include <algorithm>
#include <filesystem>

#include "app/json_output.h"
#include "app/model_argument.h"
#include "app/pictures.h"
#include "app/png_file.h"
#include "app/verb.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/printable.h"
#include "data/classes.h"
#include "image/draw.h"

namespace espalier::app {
namespace {

// Of an outlier: neighbours that its distance is a mean over.
constexpr int64_t kAround = 10;

// An image that was asked for; a sample of the set, or a file.
struct Query {
  std::string name;
  int64_t sample = -1;
  image::Image image;
};

struct Near {
  int64_t sample = 0;
  double cosine = 0;
};

// The images that are searched.
struct Bank {
  data::Dataset set;
  std::vector<std::string> classes;
  data::Selection samples;
  at::Tensor features, mean;  // the mean is taken from every row

  int64_t sample(int64_t row) const { return samples[static_cast<size_t>(row)]; }
  std::string class_of(int64_t sample) const {
    const int64_t label = set.label(sample);
    return label < 0 ? "" : classes[static_cast<size_t>(label)];
  }
  // "train/7.png (cat)"
  std::string text(int64_t sample) const {
    const std::string name = class_of(sample);
    return printable(set.key(sample) + (name.empty() ? "" : " (" + name + ")"));
  }
  Json json(int64_t sample) const {
    Json facts = {{"image", set.key(sample)}};
    if (const std::string name = class_of(sample); !name.empty()) facts["class"] = name;
    return facts;
  }
};

// Pictures in rows, for --sheet.
class Sheet {
 public:
  explicit Sheet(int64_t columns) : columns_(columns) {}

  void add(const image::Image& image, std::string caption) {
    images_.push_back(image::at_viewing_size(image));
    captions_.push_back(std::move(caption));
  }
  void end_row() {
    image::Image blank(1, 1, 1);
    blank.pixels[0] = 255;
    while (static_cast<int64_t>(images_.size()) % columns_ != 0) add(blank, "");
  }
  void write(const std::string& path) const {
    write_png(path, image::contact_sheet(images_, captions_, columns_));
  }

 private:
  int64_t columns_;
  std::vector<image::Image> images_;
  std::vector<std::string> captions_;
};

class NeighboursVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    model_.declare(command);
    command.add_option("data", data_, "the packed set to search: a folder that pack wrote")
        ->required()
        ->type_name("DIR");
    command
        .add_option("--query", queries_,
                    "image files, folders of them, or keys of DATA, whose nearest images are "
                    "wanted; without it: near-duplicates and outliers of DATA")
        ->type_name("IMAGE");
    command.add_option("--count", count_, "how many neighbours, pairs and outliers are shown")
        ->check(CLI::Range(int64_t{1}, int64_t{1000}))
        ->capture_default_str();
    command
        .add_option("--images", images_,
                    "largest number of images of DATA to search, drawn by --seed; the time without "
                    "--query grows with its square")
        ->check(CLI::Range(int64_t{2}, int64_t{10'000'000}))
        ->capture_default_str();
    command.add_option("--seed", seed_, "seed of the choice of --images")->capture_default_str();
    add_cut_option(command, cut_);
    command.add_option("--sheet", sheet_, "also draw the images into this PNG file")
        ->type_name("FILE");
    command.add_flag("--json", json_, "print what was found as JSON");
    command.footer(
        "Cosines are those of pooled features, less the mean over the images that are searched: 1 "
        "is the same\ndirection, 0 is unrelated. Whether a pair is one image twice is for a person "
        "to judge; nothing is removed.\n\n"
        "Examples:\n"
        "  espalier neighbours runs/simclr data/photos --sheet neighbours.png\n"
        "  espalier neighbours runs/simclr data/photos --query cat.jpg");
  }

  int run(Context& context) override {
    const engine::TrainedModel model = model_.open();
    const int64_t cut = settle_cut(cut_, model);
    const auto set = open_images(data_, model);
    check(set.size() > 1, Kind::kUsage, "{} holds one image, which has no neighbours", data_);
    Bank bank{.set = set,
              .classes = data::class_names(set),
              .samples = data::draw_some(data::all(set.size()), images_, "neighbours", seed_),
              .features = {},
              .mean = {}};
    if (static_cast<int64_t>(bank.samples.size()) < bank.set.size())
      log::info("neighbours", "searches {} of {} images (try: --images {})", bank.samples.size(),
                bank.set.size(), bank.set.size());
    const std::vector<Query> queries = find_queries(bank.set);
    Progress progress("neighbours", "images", static_cast<int64_t>(bank.samples.size()),
                      !context.quiet);
    bank.features =
        model.features(bank.set, bank.samples, cut, [&](int64_t done) { progress.update(done); });
    bank.mean = bank.features.mean(0);
    bank.features -= bank.mean;
    queries.empty() ? survey(bank) : answer(bank, queries, model, cut);
    return 0;
  }

 private:
  std::vector<Query> find_queries(const data::Dataset& set) const {
    std::vector<Query> queries;
    for (const std::string& name : queries_) {
      if (std::filesystem::exists(name)) {
        const Pictures pictures({name});
        for (int64_t i = 0; i < pictures.size(); ++i)
          queries.push_back({pictures.name(i), -1, pictures.image(i)});
        continue;
      }
      int64_t sample = 0;
      while (sample < set.size() && set.key(sample) != name) ++sample;
      check(sample < set.size(), Kind::kUsage,
            "--query {}: there is no such file, and no such key in {} (try: {})", name, data_,
            set.key(0));
      queries.push_back({name, sample, set.image(sample)});
    }
    return queries;
  }

  void answer(const Bank& bank, const std::vector<Query>& queries,
              const engine::TrainedModel& model, int64_t cut) const {
    Sheet sheet(count_ + 1);
    Json all = Json::array();
    for (const Query& query : queries) {
      const at::Tensor features =
          model.features(model.input_of(query.image, query.name), cut) - bank.mean;
      const std::vector<Near> near = nearest_to(query, features, bank);
      Json row = {{"query", query.name}, {"neighbours", Json::array()}};
      if (!json_) fmt::print("{}\n", printable(query.name));
      if (!sheet_.empty()) sheet.add(query.image, "query");
      for (const auto& [sample, cosine] : near) {
        if (!json_) fmt::print("  {:.4f}  {}\n", cosine, bank.text(sample));
        if (!sheet_.empty()) sheet.add(bank.set.image(sample), fmt::format("{:.3f}", cosine));
        row["neighbours"].push_back(bank.json(sample));
        row["neighbours"].back()["cosine"] = cosine;
      }
      sheet.end_row();
      all.push_back(std::move(row));
    }
    if (json_) print_json({{"searched", bank.samples.size()}, {"cut", cut}, {"queries", all}});
    if (!sheet_.empty()) sheet.write(sheet_);
  }

  std::vector<Near> nearest_to(const Query& query, const at::Tensor& features,
                               const Bank& bank) const {
    const auto [cosines, rows] = tensor::nearest(features, bank.features, count_ + 1);
    std::vector<Near> near;
    for (int64_t k = 0; k < rows.size(1); ++k) {
      const int64_t sample = bank.sample(rows[0][k].item<int64_t>());
      if (sample != query.sample) near.push_back({sample, cosines[0][k].item<double>()});
    }
    near.resize(std::min(near.size(), static_cast<size_t>(count_)));
    return near;
  }

  void survey(const Bank& bank) const {
    data::Selection rows = data::all(static_cast<int64_t>(bank.samples.size()));
    const tensor::Neighbours near = tensor::nearest_others(bank.features, rows, kAround);
    const std::vector<tensor::Pair> pairs = tensor::closest_pairs(near, count_);
    const std::vector<tensor::Outlier> outliers = tensor::outliers(near, count_);
    json_ ? print_survey_as_json(bank, pairs, outliers) : print_survey(bank, pairs, outliers);
    if (!sheet_.empty()) draw_survey(bank, pairs, outliers);
  }

  static void print_survey(const Bank& bank, const std::vector<tensor::Pair>& pairs,
                           const std::vector<tensor::Outlier>& outliers) {
    fmt::print("nearest pairs, by cosine\n");
    for (const auto& [first, second, cosine] : pairs)
      fmt::print("  {:.4f}  {}  {}\n", cosine, bank.text(bank.sample(first)),
                 bank.text(bank.sample(second)));
    fmt::print("outliers, by mean cosine to the {} nearest images\n", kAround);
    for (const auto& [row, cosine] : outliers)
      fmt::print("  {:.4f}  {}\n", cosine, bank.text(bank.sample(row)));
  }

  static void print_survey_as_json(const Bank& bank, const std::vector<tensor::Pair>& pairs,
                                   const std::vector<tensor::Outlier>& outliers) {
    Json json = {
        {"searched", bank.samples.size()}, {"pairs", Json::array()}, {"outliers", Json::array()}};
    for (const auto& [first, second, cosine] : pairs)
      json["pairs"].push_back({{"cosine", cosine},
                               {"first", bank.json(bank.sample(first))},
                               {"second", bank.json(bank.sample(second))}});
    for (const auto& [row, cosine] : outliers) {
      json["outliers"].push_back(bank.json(bank.sample(row)));
      json["outliers"].back()["cosine"] = cosine;
    }
    print_json(json);
  }

  void draw_survey(const Bank& bank, const std::vector<tensor::Pair>& pairs,
                   const std::vector<tensor::Outlier>& outliers) const {
    constexpr int64_t kColumns = 6;  // three pairs
    Sheet sheet(kColumns);
    for (const auto& [first, second, cosine] : pairs)
      for (const int64_t row : {first, second})
        sheet.add(bank.set.image(bank.sample(row)), fmt::format("pair {:.3f}", cosine));
    sheet.end_row();
    for (const auto& [row, cosine] : outliers)
      sheet.add(bank.set.image(bank.sample(row)), fmt::format("outlier {:.3f}", cosine));
    sheet.write(sheet_);
  }

  ModelArgument model_;
  std::string data_, sheet_;
  std::vector<std::string> queries_;
  int64_t count_ = 10, images_ = 20'000, cut_ = 0;
  uint64_t seed_ = 0;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, NeighboursVerb, "neighbours",
                  "find near-duplicates, outliers and the nearest images by a network's features");

}  // namespace
}  // namespace espalier::app

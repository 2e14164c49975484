// summary: the stages of a network with output shapes and parameter counts.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/model_argument.h"
#include "app/verb.h"
#include "core/clock.h"
#include "core/files.h"
#include "engine/run_folder.h"
#include "train/checkpoint.h"
#include "train/run_config.h"
#include "transfer/fit/fitted_model.h"

namespace espalier::app {
namespace {

struct Row {
  std::string name, shape;
  int64_t parameters;
};

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "[N";
  for (int64_t size : shape) text += fmt::format(", {}", size);
  return text + "]";
}

class Summary : public Verb {
 public:
  void declare(CLI::App& command) override {
    command
        .add_option("target", target_,
                    "a configuration, the folder of a run of pretrain or fit, a backbone file, or "
                    "the name of a backbone")
        ->required();
    command.add_option("overrides", overrides_,
                       "options to change in the configuration, for example model.norm=group");
    command
        .add_option(
            "--input", input_,
            "channels, height and width of a view; default: those of the run or of the data, else "
            "3 32 32, or the smallest that the backbone takes")
        ->expected(3)
        ->check(CLI::Range(1, 1 << 16));
    command
        .add_option("--classes", classes_,
                    "number of classes; default: that of the run or of the data, else 10")
        ->check(CLI::Range(1, 1 << 24));
    command.add_flag("--json", json_, "print the table as JSON");
    command.footer("Example:\n  espalier summary cnn --input 3 32 32 --classes 10");
  }

  int run(Context&) override {
    if (is_fitted_or_exported()) {
      const engine::TrainedModel model = open_model(target_);
      print({{"model", target_}}, target_, model.input,
            rows_of(*model.backbone, model.head.get(), model.input));
      return 0;
    }
    const train::RunConfig config = train::RunConfig::read(document());
    const int64_t side = std::max<int64_t>(
        32, Registry<model::Backbone>::create(config.model.name)->smallest_input());
    engine::DataFacts facts{.input = {3, side, side}, .classes = 10};
    std::optional<train::LoadedCheckpoint> checkpoint;
    if (std::filesystem::is_directory(target_))
      checkpoint = train::load_checkpoint(engine::RunFolder{target_});
    if (checkpoint && checkpoint->state.input.channels > 0) {
      facts = checkpoint->state.facts();
    } else if (input_.empty() && std::filesystem::exists(config.data.shards) &&
               !config.data.shards.empty()) {
      facts = config.data_facts(data::Dataset::open(config.data.shards));
    }
    if (!input_.empty()) {
      facts.input = {input_[0], input_[1], input_[2]};
      facts.views.clear();
    }
    if (classes_ > 0) facts.classes = classes_;
    const engine::Network network = config.make_network(facts);
    print({{"backbone", config.model.name}, {"task", config.task}},
          config.model.name + " for " + config.task, facts.input,
          rows_of(*network.backbone, network.task.get(), facts.input));
    return 0;
  }

 private:
  // A run of pretrain is known by its configuration, with or without weights.
  bool is_fitted_or_exported() const {
    const std::filesystem::path path = target_;
    return path.extension() == ".safetensors" ||
           std::filesystem::exists(transfer::fit_facts({path}));
  }

  config::Document document() const {
    config::Document document;
    if (const auto& backbones = Registry<model::Backbone>::names();
        std::find(backbones.begin(), backbones.end(), target_) != backbones.end()) {
      document.set("model.name=" + target_);
      document.set("task.name=supervised");
    } else if (std::filesystem::is_directory(target_)) {
      document = config::Document::load(engine::RunFolder{target_}.config());
    } else {
      document = config::Document::load(target_);
    }
    for (const std::string& assignment : overrides_) document.set(assignment);
    return document;
  }

  static std::vector<Row> rows_of(model::Backbone& backbone, const torch::nn::Module* head,
                                  const image::ViewShape& input) {
    std::vector<Row> rows;
    const auto names = backbone.stages();
    const auto shapes = model::stage_shapes(backbone, input);
    for (size_t i = 0; i < names.size(); ++i) rows.push_back({names[i], shape_text(shapes[i]), 0});
    for (const auto& item : backbone.named_parameters())
      rows[static_cast<size_t>(model::stage_of(backbone, item.key()))].parameters +=
          item.value().numel();
    if (head == nullptr) return rows;
    for (const auto& child : head->named_children()) {
      Row row{child.key() + " (task)", "", 0};
      for (const auto& parameter : child.value()->parameters()) {
        row.parameters += parameter.numel();
        if (parameter.dim() == 1) row.shape = shape_text({parameter.numel()});
      }
      rows.push_back(row);
    }
    return rows;
  }

  void print(nlohmann::ordered_json json, const std::string& heading, const image::ViewShape& shape,
             const std::vector<Row>& rows) const {
    int64_t total = 0;
    for (const Row& row : rows) total += row.parameters;
    if (json_) {
      json["parameters"] = total;
      for (const Row& row : rows)
        json["stages"].push_back(
            {{"name", row.name}, {"shape", row.shape}, {"parameters", row.parameters}});
      fmt::print("{}\n", json.dump(2));
      return;
    }
    fmt::print("{} on {}\n\n", heading, shape_text({shape.channels, shape.height, shape.width}));
    fmt::print("{:<22} {:<20} {:>12}\n", "stage", "output", "parameters");
    for (const Row& row : rows)
      fmt::print("{:<22} {:<20} {:>12}\n", row.name, row.shape, with_commas(row.parameters));
    fmt::print("{:<22} {:<20} {:>12}\n", "total", "", with_commas(total));
  }

  std::string target_;
  std::vector<std::string> overrides_;
  std::vector<int64_t> input_;
  int64_t classes_ = 0;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, Summary, "summary",
                  "print the stages of a network with output shapes and parameter counts");

}  // namespace
}  // namespace espalier::app

// summary: the stages of a network with output shapes and parameter counts.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/verb.h"
#include "core/clock.h"
#include "core/files.h"
#include "engine/run_folder.h"
#include "train/checkpoint.h"
#include "train/run_config.h"

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
        .add_option("target", target_, "a configuration, a run folder, or the name of a backbone")
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
    print(config, facts.input, rows_of(network, facts.input));
    return 0;
  }

 private:
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

  static std::vector<Row> rows_of(const engine::Network& network, const image::ViewShape& input) {
    std::vector<Row> rows;
    const auto names = network.backbone->stages();
    const auto shapes = model::stage_shapes(*network.backbone, input);
    for (size_t i = 0; i < names.size(); ++i) rows.push_back({names[i], shape_text(shapes[i]), 0});
    for (const auto& item : network.backbone->named_parameters())
      rows[static_cast<size_t>(model::stage_of(*network.backbone, item.key()))].parameters +=
          item.value().numel();
    for (const auto& child : network.task->named_children()) {
      Row row{child.key() + " (task)", "", 0};
      for (const auto& parameter : child.value()->parameters()) {
        row.parameters += parameter.numel();
        if (parameter.dim() == 1) row.shape = shape_text({parameter.numel()});
      }
      rows.push_back(row);
    }
    return rows;
  }

  void print(const train::RunConfig& config, const image::ViewShape& shape,
             const std::vector<Row>& rows) const {
    int64_t total = 0;
    for (const Row& row : rows) total += row.parameters;
    if (json_) {
      nlohmann::ordered_json json = {
          {"backbone", config.model.name}, {"task", config.task}, {"parameters", total}};
      for (const Row& row : rows)
        json["stages"].push_back(
            {{"name", row.name}, {"shape", row.shape}, {"parameters", row.parameters}});
      fmt::print("{}\n", json.dump(2));
      return;
    }
    fmt::print("{} for {} on {}\n\n", config.model.name, config.task,
               shape_text({shape.channels, shape.height, shape.width}));
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

// describe: every option of a plug-in or of a configuration section, from the one table.
#include <cstdio>

#include "app/benchmark.h"
#include "app/verb.h"
#include "augment/recipe.h"
#include "config/document.h"
#include "data/format.h"
#include "train/run_config.h"

namespace espalier::app {
namespace {

struct Entry {
  std::string title, help;
  Fields fields;
  std::shared_ptr<void> owner;  // what the fields point into
  std::vector<std::string> contents = {};
};

template <typename T>
void add_plugins(std::vector<Entry>& entries) {
  for (const std::string& name : Registry<T>::names()) {
    const auto plugin = Registry<T>::create(name);
    entries.push_back({std::string(T::kKind) + " " + name, registry_entries(T::kKind)[name].help,
                       plugin->fields(), plugin});
  }
}

template <typename Options>
void add_section(std::vector<Entry>& entries, const std::string& name, const std::string& help) {
  const auto options = std::make_shared<Options>();
  entries.push_back({"section " + name, help, options->fields(), options});
}

// A recipe is what it holds: every view as the list of its ops.
void add_recipes(std::vector<Entry>& entries) {
  for (const std::string& name : Registry<augment::Recipe>::names()) {
    const auto recipe = Registry<augment::Recipe>::create(name);
    Entry entry{"recipe " + name, registry_entries("recipe")[name].help, recipe->fields(), recipe};
    for (const augment::Pipeline& view : augment::parse_views({name}, name)) {
      entry.contents.push_back(fmt::format("view {}: {}", entry.contents.size(), view.text()));
    }
    entries.push_back(std::move(entry));
  }
}

std::vector<Entry> all_entries() {
  std::vector<Entry> entries;
  add_section<train::DataOptions>(entries, "data", "what is trained on");
  add_section<train::AugmentOptions>(entries, "augment", "how images become views and numbers");
  add_section<train::ModelOptions>(entries, "model",
                                   "the backbone; its own options stand in the same section");
  add_section<train::OptimOptions>(
      entries, "optim",
      "the optimizer and the schedule; their own options stand in the same section");
  add_section<train::TrainOptions>(entries, "train", "length, precision, checkpoints, hooks");
  add_section<train::ParallelOptions>(entries, "parallel", "lanes and communicators");
  add_plugins<pretext::Task>(entries);
  add_plugins<model::Backbone>(entries);
  add_plugins<augment::Op>(entries);
  add_recipes(entries);
  add_plugins<data::Format>(entries);
  add_plugins<optim::Optimizer>(entries);
  add_plugins<optim::Schedule>(entries);
  add_plugins<train::Hook>(entries);
  add_plugins<Benchmark>(entries);
  return entries;
}

class Describe : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option(
        "name", name_,
        "A plug-in (rotation, resnet18, flip, ...) or a section (data, train, ...); all without");
    command.add_flag("--markdown", markdown_, "As Markdown tables, for the docs");
    command.footer("Example:\n  espalier describe simclr");
  }

  int run(Context&) override {
    std::vector<std::string> names;
    bool found = false;
    for (const Entry& entry : all_entries()) {
      const std::string own = entry.title.substr(entry.title.find(' ') + 1);
      names.push_back(own);
      if (!name_.empty() && own != name_) continue;
      found = true;
      print(entry);
    }
    const std::string near = nearest(name_, names);
    check(found, Kind::kUsage, "there is no plug-in or section '{}'{} (try: espalier list)", name_,
          near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
    return 0;
  }

 private:
  void print(const Entry& entry) const {
    if (markdown_) {
      fmt::print("## {}\n\n{}.\n\n{}\n", entry.title, entry.help,
                 entry.fields.empty() ? "No options.\n" : config::describe_markdown(entry.fields));
      for (const std::string& line : entry.contents) fmt::print("- `{}`\n", line);
      if (!entry.contents.empty()) fmt::print("\n");
    } else {
      fmt::print("{}: {}\n{}\n", entry.title, entry.help,
                 entry.fields.empty() ? "  (no options)\n" : config::describe(entry.fields, "  "));
      for (const std::string& line : entry.contents) fmt::print("  {}\n", line);
      if (!entry.contents.empty()) fmt::print("\n");
    }
  }

  std::string name_;
  bool markdown_ = false;
};

ESPALIER_REGISTER(Verb, Describe, "describe",
                  "Every option of a plug-in or a configuration section");

}  // namespace
}  // namespace espalier::app

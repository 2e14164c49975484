// describe: every option of a plug-in or of a configuration section, from the one table.
#include <algorithm>
#include <cstdio>

#include "app/configuration.h"
#include "app/doctor/check.h"
#include "app/verb.h"
#include "augment/recipe.h"
#include "bench/benchmark.h"
#include "config/document.h"
#include "layers/measure.h"
#include "pack/format.h"
#include "train/run_config.h"
#include "transfer/head.h"
#include "transfer/mode.h"
#include "transfer/probe.h"

namespace espalier::app {
namespace {

struct Entry {
  std::string title, help;
  Fields fields;
  std::shared_ptr<void> owner;  // what the fields point into
  std::vector<std::string> contents = {};
  std::vector<std::string> names = {};  // that it is asked for by
};

template <typename T>
void add_plugins(std::vector<Entry>& entries) {
  for (const std::string& name : Registry<T>::names()) {
    const auto plugin = Registry<T>::create(name);
    entries.push_back({std::string(T::kKind) + " " + name,
                       registry_entries(T::kKind)[name].help,
                       plugin->fields(),
                       plugin,
                       {},
                       {name}});
  }
}

// Every section of every configuration, by its own name and by that of the configuration.
void add_configurations(std::vector<Entry>& entries) {
  for (const std::string& name : Registry<Configuration>::names())
    for (Section& section : Registry<Configuration>::create(name)->sections())
      entries.push_back(
          {fmt::format("{} of {}", section.name.empty() ? "top level" : "section " + section.name,
                       name),
           section.help,
           std::move(section.fields),
           section.owner,
           {},
           {section.name, name}});
}

// A recipe is what it holds: every view as the list of its ops.
void add_recipes(std::vector<Entry>& entries) {
  for (const std::string& name : Registry<augment::Recipe>::names()) {
    const auto recipe = Registry<augment::Recipe>::create(name);
    Entry entry{"recipe " + name,
                registry_entries("recipe")[name].help,
                recipe->fields(),
                recipe,
                {},
                {name}};
    for (const augment::Pipeline& view : augment::parse_views({name}, name)) {
      entry.contents.push_back(fmt::format("view {}: {}", entry.contents.size(), view.text()));
    }
    entries.push_back(std::move(entry));
  }
}

std::vector<Entry> all_entries() {
  std::vector<Entry> entries;
  add_configurations(entries);
  add_plugins<pretext::Task>(entries);
  add_plugins<model::Backbone>(entries);
  add_plugins<augment::Op>(entries);
  add_recipes(entries);
  add_plugins<pack::Format>(entries);
  add_plugins<optim::Optimizer>(entries);
  add_plugins<optim::Schedule>(entries);
  add_plugins<train::Hook>(entries);
  add_plugins<transfer::Mode>(entries);
  add_plugins<transfer::Head>(entries);
  add_plugins<transfer::Probe>(entries);
  add_plugins<layers::LayerMeasure>(entries);
  add_plugins<bench::Benchmark>(entries);
  add_plugins<Check>(entries);
  return entries;
}

class Describe : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option(
        "name", name_,
        "a plug-in (rotation, resnet18, flip, ...), a configuration (pretrain, transfer) or a "
        "section of one (data, optim, ...); default: all of them");
    command.add_flag("--markdown", markdown_, "print Markdown tables, for the documentation");
    command.footer("Example:\n  espalier describe simclr");
  }

  int run(Context&) override {
    std::vector<std::string> names;
    bool found = false;
    for (const Entry& entry : all_entries()) {
      names.insert(names.end(), entry.names.begin(), entry.names.end());
      if (!name_.empty() && std::ranges::count(entry.names, name_) == 0) continue;
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
                  "print every option of a plug-in or of a configuration section");

}  // namespace
}  // namespace espalier::app

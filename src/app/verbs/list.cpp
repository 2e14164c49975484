#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/verb.h"
#include "core/jsonl.h"

namespace espalier::app {
namespace {

class ListVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command
        .add_option("kind", kind_,
                    "the kind of plug-in to list, for example task; default: all kinds")
        ->type_name("KIND");
    command.add_flag("--json", json_, "print one JSON object: kind, name, help");
    command.footer("Example:\n  espalier list task");
  }

  int run(Context& context) override {
    std::vector<std::string> kinds = registry_kinds();
    if (!kind_.empty()) {
      const std::string near = nearest(kind_, kinds);
      check(std::find(kinds.begin(), kinds.end(), kind_) != kinds.end(), Kind::kUsage,
            "there is no kind of plug-in '{}'{} (there are: {})", kind_,
            near.empty() ? "" : fmt::format("; did you mean '{}'?", near), fmt::join(kinds, ", "));
      kinds = {kind_};
    }
    if (context.control.rank() != 0) return 0;
    fmt::print("{}", json_ ? as_json(kinds) : as_text(kinds));
    return 0;
  }

 private:
  static std::string as_json(const std::vector<std::string>& kinds) {
    Json all = Json::object();
    for (const std::string& kind : kinds) {
      all[kind] = Json::object();
      for (const auto& [name, entry] : registry_entries(kind)) all[kind][name] = entry.help;
    }
    return all.dump(2) + "\n";
  }

  static std::string as_text(const std::vector<std::string>& kinds) {
    std::string text;
    for (const std::string& kind : kinds) {
      text += (text.empty() ? "" : "\n") + kind + "\n";
      size_t widest = 0;
      for (const auto& [name, entry] : registry_entries(kind))
        widest = std::max(widest, name.size());
      for (const auto& [name, entry] : registry_entries(kind))
        text += fmt::format("  {:<{}}  {}\n", name, widest, entry.help);
    }
    return text;
  }

  std::string kind_;
  bool json_ = false;
};

}  // namespace

ESPALIER_REGISTER(Verb, ListVerb, "list", "list plug-ins by kind, each with one line of help");

}  // namespace espalier::app

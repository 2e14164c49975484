// runs: the run folders below a folder and how far each is.
#include <algorithm>

#include "app/json_output.h"
#include "app/verb.h"
#include "core/clock.h"
#include "core/printable.h"
#include "report/run_list.h"

namespace espalier::app {
namespace {

class RunsVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("folder", folder_, "the folder to search, with all folders below it")
        ->type_name("DIR")
        ->capture_default_str();
    command.add_flag("--json", json_, "print the list as JSON");
    command.footer(
        "running: its process lives. done: it came to its end. failed: its log ends in an error. "
        "stopped: it\nwas killed or asked to stop, and the same command, with --resume, continues "
        "it.\n\n"
        "Example:\n  espalier runs runs");
  }

  int run(Context&) override {
    const std::vector<report::ListedRun> runs = report::list_runs(folder_);
    if (json_)
      print_as_json(runs);
    else if (runs.empty())
      fmt::print("no runs in {}\n", folder_);
    else
      print(runs);
    return 0;
  }

 private:
  static void print(const std::vector<report::ListedRun>& runs) {
    std::vector<std::vector<std::string>> lines = {
        {"run", "kind", "state", "changed", "progress", "best"}};
    for (const report::ListedRun& run : runs)
      lines.push_back({printable(run.path.string()), name_of(run.kind), name_of(run.state),
                       duration_text(run.changed_seconds) + " ago", run.progress(), run.best});
    std::vector<size_t> widths(lines[0].size());
    for (const auto& line : lines)
      for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
    widths.back() = 0;  // nothing comes after it
    for (const auto& line : lines) {
      std::string text;
      for (size_t i = 0; i < line.size(); ++i)
        text += fmt::format("{}{:<{}}", i == 0 ? "" : "  ", line[i], widths[i]);
      text.erase(text.find_last_not_of(' ') + 1);
      fmt::print("{}\n", text);
    }
  }

  static void print_as_json(const std::vector<report::ListedRun>& runs) {
    Json all = Json::array();
    for (const report::ListedRun& run : runs) {
      Json row = {{"path", run.path.string()},
                  {"kind", name_of(run.kind)},
                  {"state", name_of(run.state)},
                  {"changed_seconds_ago", run.changed_seconds},
                  {run.kind == report::RunKind::kTransfer ? "cells" : "steps", run.done}};
      if (run.total > 0) row["cells_planned"] = run.total;
      if (!run.best.empty()) row["best"] = run.best;
      all.push_back(std::move(row));
    }
    print_json(all);
  }

  std::string folder_ = ".";
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, RunsVerb, "runs", "list the runs below a folder and how far each is");

}  // namespace
}  // namespace espalier::app

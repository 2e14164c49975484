// history: loss and accuracy of a run over its steps.
#include "report/history.h"

#include "app/json_output.h"
#include "app/verb.h"
#include "core/files.h"
#include "core/log.h"

namespace espalier::app {
namespace {

class HistoryVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command
        .add_option("run", run_,
                    "folder of a run of pretrain or fit, or of one cell: DIR/cells/ID of a sweep")
        ->required()
        ->type_name("RUN");
    command.add_option("--rows", rows_, "about how many steps the table shows")
        ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}))
        ->capture_default_str();
    command.add_option("--out", out_, "also draw the curves into this HTML page")
        ->type_name("FILE");
    command.add_flag("--json", json_, "print every value: steps and values by name");
    command.footer("Example:\n  espalier history runs/rotation --out history.html");
  }

  int run(Context&) override {
    const report::History history = report::read_history(run_);
    if (json_)
      print_as_json(history);
    else
      fmt::print("{}", report::history_text(history, rows_));
    if (out_.empty()) return 0;
    write_file(out_, report::history_page(history));
    log::info("history", "{}", out_);
    return 0;
  }

 private:
  static void print_as_json(const report::History& history) {
    Json json = {{"run", history.name}, {"scalars", Json::object()}};
    for (const report::Scalar& scalar : history.scalars)
      json["scalars"][scalar.name] = {{"steps", scalar.steps}, {"values", scalar.values}};
    print_json(json);
  }

  std::string run_, out_;
  int64_t rows_ = 12;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, HistoryVerb, "history",
                  "print and draw loss and accuracy of a run over its steps");

}  // namespace
}  // namespace espalier::app

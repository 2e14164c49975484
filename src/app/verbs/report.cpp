#include "report/report.h"

#include "app/verb.h"
#include "core/files.h"
#include "core/log.h"

namespace espalier::app {
namespace {

class ReportVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command
        .add_option("path", paths_,
                    "run folders of pretrain and transfer, or folders that hold them")
        ->required()
        ->type_name("PATH");
    command.add_option("--out", out_, "the HTML page to write")->required()->type_name("FILE");
    command
        .add_option("--markdown", markdown_,
                    "also write the findings and tables as Markdown to this file")
        ->type_name("FILE");
    command.footer("Example:\n  espalier report runs/rotation runs/transfer --out report.html");
  }

  int run(Context&) override {
    const std::vector<std::filesystem::path> paths(paths_.begin(), paths_.end());
    write_file(out_, report::render(paths));
    log::info("report", "{}", out_);
    if (!markdown_.empty()) {
      write_file(markdown_, report::render_markdown(paths));
      log::info("report", "{}", markdown_);
    }
    return 0;
  }

 private:
  std::vector<std::string> paths_;
  std::string out_, markdown_;
};

}  // namespace

ESPALIER_REGISTER(Verb, ReportVerb, "report",
                  "make one HTML page from run folders: what the sweep found, with intervals");

}  // namespace espalier::app

#include "report/report.h"

#include <chrono>
#include <thread>

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
    command
        .add_option("--watch", watch_,
                    "makes the page again every this many seconds, until it is interrupted; the "
                    "open page reloads itself")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 3600));
    command.footer("Example:\n  espalier report runs/rotation runs/transfer --out report.html");
  }

  int run(Context&) override {
    make();
    while (watch_ > 0) {  // until a signal ends the process: there is nothing to save
      std::this_thread::sleep_for(std::chrono::seconds(watch_));
      make();
    }
    return 0;
  }

 private:
  void make() {
    const std::vector<std::filesystem::path> paths(paths_.begin(), paths_.end());
    std::string page = report::render(paths, watch_);
    if (page == page_) return;  // nothing is new since the last look
    page_ = std::move(page);
    write_file(out_, page_);
    log::info("report", "{}", out_);
    if (markdown_.empty()) return;
    write_file(markdown_, report::render_markdown(paths));
    log::info("report", "{}", markdown_);
  }

  std::vector<std::string> paths_;
  std::string out_, markdown_, page_;
  int watch_ = 0;
};

}  // namespace

ESPALIER_REGISTER(Verb, ReportVerb, "report",
                  "make one HTML page from run folders: what the sweep found, with intervals");

}  // namespace espalier::app

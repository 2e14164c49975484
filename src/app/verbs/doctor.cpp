// espalier doctor: what this host and this start can do, and what to do about the rest.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/doctor/check.h"
#include "app/verb.h"
#include "core/jsonl.h"

namespace espalier::app {
namespace {

std::string table(const Findings& findings) {
  size_t what = 4, state = 5;
  for (const Finding& finding : findings) {
    what = std::max(what, finding.what.size());
    state = std::max(state, std::min<size_t>(finding.state.size(), 60));
  }
  std::string text =
      fmt::format("{:<{}}  {:<{}}  {}\n", "what", what, "state", state, "what to do");
  for (const Finding& finding : findings)
    text += fmt::format("{:<{}}  {:<{}}  {}\n", finding.what, what, finding.state, state,
                        finding.advice.empty() ? "-" : finding.advice);
  return text;
}

class DoctorVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_flag("--json", json_, "print the findings as JSON");
    command.add_option("--folder", folder_, "the folder that runs will be written to")
        ->type_name("DIR")
        ->capture_default_str();
    command.footer(
        "Examples:\n  espalier doctor\n  launch/mpirun.sh 2 espalier doctor --folder runs\n"
        "Exit code 0 when a CPU run is fine here; a missing GPU is reported, but it is no error.");
  }

  bool uses_ranks() const override { return true; }
  bool requires_ranks() const override { return false; }  // it reports what is wrong

  int run(Context& context) override {
    comm::Communicator& control = context.control;
    Findings findings;
    for (const std::string& name : Registry<Check>::names())
      for (Finding& finding : Registry<Check>::create(name)->run(control, folder_))
        findings.push_back(std::move(finding));
    int64_t exit_code = 0;
    for (const Finding& finding : findings)
      if (exit_code == 0) exit_code = finding.exit_code;
    control.broadcast(&exit_code, 1, comm::DataType::i64, 0).wait();
    if (control.rank() == 0) print(findings, exit_code == 0);
    return static_cast<int>(exit_code);
  }

 private:
  void print(const Findings& findings, bool fine) const {
    if (!json_) {
      fmt::print("{}{}\n", table(findings), fine ? "a CPU run is fine here" : "see above");
      return;
    }
    Json rows = Json::array();
    for (const Finding& finding : findings)
      rows.push_back({{"what", finding.what}, {"state", finding.state}, {"do", finding.advice}});
    fmt::print("{}\n", Json{{"fine", fine}, {"findings", rows}}.dump(2));
  }

  std::string folder_ = ".";
  bool json_ = false;
};

}  // namespace

ESPALIER_REGISTER(Verb, DoctorVerb, "doctor",
                  "check MPI, GPU and disk of this host, and report what to do");

}  // namespace espalier::app

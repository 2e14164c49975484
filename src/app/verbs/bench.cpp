// espalier bench: rates of one part of the program beside their floors.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/verb.h"
#include "bench/benchmark.h"
#include "config/document.h"
#include "core/clock.h"
#include "core/jsonl.h"

namespace espalier::app {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

class BenchVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("what", what_, "the benchmark to run (espalier list benchmark)")->required();
    command.add_option("arguments", arguments_,
                       "what the benchmark measures, and key=value options of it");
    command
        .add_option(
            "--rounds", rounds_,
            "number of rounds over all candidates; the rate of the best round is printed, and how "
            "far the median is from it")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    command.add_flag("--json", json_, "print the result as one JSON object");
    std::string examples = "Examples:";
    for (const std::string& name : Registry<bench::Benchmark>::names()) {
      examples += "\n  espalier bench " + Registry<bench::Benchmark>::create(name)->example();
    }
    command.footer(examples + "\nOptions of a benchmark: espalier describe NAME");
  }

  bool wants_huge_pages() const override { return true; }
  bool uses_ranks() const override {
    const std::vector<std::string> names = Registry<bench::Benchmark>::names();
    return std::ranges::count(names, what_) > 0 &&
           Registry<bench::Benchmark>::create(what_)->uses_ranks();
  }

  int run(Context& context) override {
    const auto benchmark = Registry<bench::Benchmark>::create(what_);
    config::Document options;
    std::vector<std::string> others;
    for (const std::string& argument : arguments_) {
      const size_t equals = argument.find('=');
      const bool of_configuration =
          benchmark->takes_overrides() && argument.substr(0, equals).find('.') != argument.npos;
      if (equals == argument.npos || of_configuration) {
        others.push_back(argument);
      } else {
        options.set(argument);
      }
    }
    options.bind("", benchmark->fields());
    options.finish();
    if (const auto table = benchmark->table(context.control, others, rounds_)) {
      if (context.control.rank() != 0) return 0;
      fmt::print("{}\n", json_ ? document(table->rows) : table->text);
      return 0;
    }
    const std::vector<bench::Candidate> candidates = benchmark->candidates(others);
    const auto seconds = measure(candidates, context.quiet);
    const Json rows = rows_of(candidates, seconds, benchmark->unit());
    if (json_) {
      fmt::print("{}\n", document(rows));
    } else {
      print(rows, benchmark->unit());
    }
    return 0;
  }

 private:
  std::string document(const Json& rows) const {
    return Json({{"benchmark", what_}, {"rounds", rounds_}, {"rows", rows}}).dump(2);
  }

  // [candidates][rounds]
  std::vector<std::vector<double>> measure(const std::vector<bench::Candidate>& candidates,
                                           bool quiet) const {
    std::vector<std::vector<double>> seconds(candidates.size());
    Progress progress("bench", "runs", rounds_ * static_cast<int64_t>(candidates.size()), !quiet);
    for (const bench::Candidate& candidate : candidates) candidate.run();  // warm
    for (int64_t round = 0; round < rounds_; ++round) {
      for (size_t c = 0; c < candidates.size(); ++c) {
        const Stopwatch watch;
        candidates[c].run();
        seconds[c].push_back(watch.seconds());
        progress.update(round * static_cast<int64_t>(candidates.size()) + static_cast<int64_t>(c) +
                        1);
      }
    }
    return seconds;
  }

  Json rows_of(const std::vector<bench::Candidate>& candidates,
               const std::vector<std::vector<double>>& seconds, const std::string& unit) const {
    Json rows = Json::array();
    for (size_t c = 0; c < candidates.size(); ++c) {
      const bench::Candidate& candidate = candidates[c];
      const double least = std::ranges::min(seconds[c]);
      Json row = {{"name", candidate.name},
                  {unit + "_per_second", static_cast<double>(candidate.units) / least},
                  {"microseconds", least / static_cast<double>(candidate.units) * 1e6},
                  {"spread", median(seconds[c]) / least - 1}};
      row["bytes_per_second"] = static_cast<double>(candidate.bytes) / least;
      const auto floor = std::ranges::find(candidates, candidate.floor, &bench::Candidate::name);
      if (floor != candidates.end()) {
        const double of_floor = std::ranges::min(seconds[floor - candidates.begin()]);
        row["floor"] = candidate.floor;
        row["ratio"] = row["microseconds"].get<double>() /
                       (of_floor / static_cast<double>(floor->units) * 1e6);
      }
      rows.push_back(row);
    }
    return rows;
  }

  void print(const Json& rows, const std::string& unit) const {
    fmt::print("{:<40} {:>14} {:>10} {:>10} {:>7}  {}\n", "", unit + "/s", "us", "MB/s", "spread",
               "time / floor");
    for (const Json& row : rows) {
      fmt::print("{:<40} {:>14} {:>10.2f} {:>10} {:>6.0f}%  {}\n", row["name"].get<std::string>(),
                 with_commas(static_cast<int64_t>(row[unit + "_per_second"].get<double>())),
                 row["microseconds"].get<double>(),
                 with_commas(static_cast<int64_t>(row["bytes_per_second"].get<double>() / 1e6)),
                 row["spread"].get<double>() * 100,
                 row.contains("ratio") ? fmt::format("{:.2f} ({})", row["ratio"].get<double>(),
                                                     row["floor"].get<std::string>())
                                       : "");
    }
  }

  std::string what_;
  std::vector<std::string> arguments_;
  int64_t rounds_ = 7;
  bool json_ = false;
};

}  // namespace

ESPALIER_REGISTER(Verb, BenchVerb, "bench",
                  "measure one part of the program beside what the machine can do");

}  // namespace espalier::app

#include "report/history.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/jsonl.h"
#include "report/figures/history_figures.h"
#include "report/html.h"
#include "report/numbers.h"
#include "report/text_chart.h"

#include <nlohmann/json.hpp>

namespace espalier::report {
namespace {

namespace fs = std::filesystem;

void add(History& history, const std::string& name, double step, double value) {
  auto scalar = std::ranges::find(history.scalars, name, &Scalar::name);
  if (scalar == history.scalars.end()) scalar = history.scalars.insert(scalar, {name, {}, {}});
  scalar->steps.push_back(step);
  scalar->values.push_back(value);
}

void read_metrics(const fs::path& path, History& history) {
  for (const Json& row : read_jsonl(path)) {
    if (!row.is_object() || !row.contains("step") || !row["step"].is_number()) continue;
    for (const auto& [name, value] : row.items())
      if (name != "step" && value.is_number())
        add(history, name, row["step"].get<double>(), value.get<double>());
  }
}

// A header, the first column of which is the step; a value may be missing.
void read_curve(const fs::path& path, History& history) {
  std::istringstream lines(read_file(path));
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::vector<std::string> values;
    for (std::string field; std::getline(fields, field, ',');) values.push_back(field);
    if (names.empty()) {
      names = values;
      continue;
    }
    check(values.size() <= names.size(), Kind::kData, "{}: a line has {} fields instead of {}",
          path.string(), values.size(), names.size());
    for (size_t i = 1; i < values.size(); ++i)
      if (!values[i].empty())
        add(history, names[i], std::strtod(values[0].c_str(), nullptr),
            std::strtod(values[i].c_str(), nullptr));
  }
}

// What is drawn together.
struct Group {
  const char* heading;
  const char* ending;  // of the names
  double scale;        // of the values
};
constexpr Group kGroups[] = {{"Loss", "loss", 1}, {"Accuracy, %", "accuracy", 100}};

std::vector<Scalar> drawn(const History& history, const Group& group) {
  std::vector<Scalar> chosen;
  for (const Scalar& scalar : history.scalars) {
    if (!scalar.name.ends_with(group.ending)) continue;
    chosen.push_back(scalar);
    for (double& value : chosen.back().values) value *= group.scale;
  }
  // That of training first.
  std::ranges::stable_sort(chosen, {}, [](const Scalar& scalar) { return scalar.name.size(); });
  return chosen;
}

// Of the steps that have a value, `rows` that lie evenly, and the last.
std::vector<double> table_steps(const std::vector<Scalar>& columns, int64_t rows) {
  std::set<double> all;
  for (const Scalar& scalar : columns) all.insert(scalar.steps.begin(), scalar.steps.end());
  const std::vector<double> steps(all.begin(), all.end());
  const size_t every = std::max<size_t>(1, steps.size() / static_cast<size_t>(rows));
  std::vector<double> chosen;
  for (size_t i = (steps.size() - 1) % every; i < steps.size(); i += every)
    chosen.push_back(steps[i]);
  return chosen;
}

std::string table(const History& history, int64_t rows) {
  std::vector<Scalar> columns;
  for (const Group& group : kGroups)
    for (const Scalar& scalar : drawn(history, {group.heading, group.ending, 1}))
      columns.push_back(scalar);
  if (columns.empty()) columns = history.scalars;
  std::string text = fmt::format("{:>10}", "step");
  for (const Scalar& scalar : columns)
    text += fmt::format("  {:>{}}", scalar.name, std::max<size_t>(8, scalar.name.size()));
  text += '\n';
  for (const double step : table_steps(columns, rows)) {
    text += fmt::format("{:>10}", step);
    for (const Scalar& scalar : columns) {
      const auto at = std::ranges::find(scalar.steps, step) - scalar.steps.begin();
      const auto i = static_cast<size_t>(at);
      text += fmt::format("  {:>{}}",
                          i < scalar.values.size() ? fmt::format("{:.4f}", scalar.values[i]) : "",
                          std::max<size_t>(8, scalar.name.size()));
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace

History read_history(const fs::path& folder) {
  History history{.name = fs::absolute(folder / "").lexically_normal().parent_path().filename()};
  if (fs::exists(folder / "metrics.jsonl"))
    read_metrics(folder / "metrics.jsonl", history);
  else if (fs::exists(folder / "curve.csv"))
    read_curve(folder / "curve.csv", history);
  else if (fs::exists(folder / "cells"))
    throw Error(
        Kind::kUsage,
        "{} is a sweep of many cells (try: espalier report {} --out page.html, or one cell: "
        "espalier history {}/cells/ID)",
        folder.string(), folder.string(), folder.string());
  else
    throw Error(Kind::kUsage,
                "{} holds neither metrics.jsonl nor curve.csv (try: the --out of pretrain or fit; "
                "espalier runs . lists runs)",
                folder.string());
  check(!history.scalars.empty(), Kind::kUsage, "{} has measured nothing so far", folder.string());
  return history;
}

std::string history_text(const History& history, int64_t rows) {
  std::string text;
  for (const Group& group : kGroups)
    if (const auto scalars = drawn(history, group); !scalars.empty())
      text += text_chart(group.heading, scalars) + "\n";
  return text + table(history, rows);
}

std::string history_page(const History& history) {
  return page("History of " + history.name, "<h1>" + escape("History of " + history.name) +
                                                "</h1>\n" +
                                                figure_grid(history_figures(history.scalars)));
}

}  // namespace espalier::report

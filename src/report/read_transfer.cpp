// How the folder of a sweep becomes a TransferRun. plan.json says what is planned; cells.csv, where
// the sweep has ended, or the folders of cells say what has come of it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "report/numbers.h"
#include "report/run_files.h"

namespace espalier::report {
namespace {

constexpr int64_t kMostStages = 10000;  // more is damage

int64_t whole(double value) {
  return std::isnan(value) ? 0 : std::llround(std::clamp(value, -1e15, 1e15));
}

bool truth(const Json& object, const std::string& key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_boolean() && value->get<bool>();
}

// One line of comma-separated values; a field may be quoted, a doubled quote inside is a quote.
std::vector<std::string> split_csv(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      if (quoted == false && !fields.back().empty()) fields.back() += c;
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

double parse_number(const std::string& field) {
  char* end = nullptr;
  const double value = std::strtod(field.c_str(), &end);
  return field.empty() || *end != '\0' ? kUnknown : value;
}

// What a cell came to.
struct Result {
  std::string status;
  double accuracy, loss, seconds;
  bool stuck;
};

// The rows of cells.csv, by id.
std::map<std::string, Result> read_results(TransferRun& run) {
  std::map<std::string, Result> results;
  if (!there(run.path / "cells.csv")) return results;
  std::istringstream lines(read_part(run, "cells.csv"));
  std::string line;
  if (!std::getline(lines, line)) return results;
  const std::vector<std::string> columns = split_csv(line);
  while (std::getline(lines, line)) {
    const std::vector<std::string> fields = split_csv(line);
    if (fields.size() != columns.size()) {
      run.notes.push_back(fmt::format("cells.csv: a line has {} fields instead of {}: {}",
                                      fields.size(), columns.size(), line.substr(0, 60)));
      continue;
    }
    const auto field = [&](const char* name) -> std::string {
      const auto column = std::find(columns.begin(), columns.end(), name);
      return column == columns.end() ? "" : fields[static_cast<size_t>(column - columns.begin())];
    };
    results[field("id")] = {field("status"), parse_number(field("accuracy")),
                            parse_number(field("loss")), parse_number(field("seconds")),
                            field("stuck") == "1"};
  }
  return results;
}

// Of a cell that cells.csv lacks.
Result read_result(TransferRun& run, const std::string& id) {
  const std::string file = "cells/" + id + "/result.json";
  if (id.empty() || !there(run.path / file))
    return {Cell::kWaiting, kUnknown, kUnknown, kUnknown, false};
  const Json result = read_json(run, file);
  return {text(result, "status"), number(result, "accuracy"), number(result, "loss"),
          number(result, "seconds"), truth(result, "stuck")};
}

Arm arm_of(const Json& json) {
  Arm arm{.line = {.source = text(json, "source"),
                   .mode = text(json, "mode"),
                   .head = text(json, "head"),
                   .control = truth(json, "control")},
          .cut = whole(number(json, "cut")),
          .labels_per_class = std::max<int64_t>(0, whole(number(json, "labels_per_class")))};
  if (const double factor = number(json, "kept_lr_factor"); !std::isnan(factor))
    arm.line.factor = factor;
  for (const Json& setting : objects(json, "settings"))
    arm.settings.push_back({number(setting, "lr"), whole(number(setting, "steps"))});
  if (const auto values = json.find("validation"); values != json.end() && values->is_array())
    for (size_t i = 0; i < std::min(values->size(), arm.settings.size()); ++i)
      if ((*values)[i].is_number()) arm.settings[i].validation = (*values)[i].get<double>();
  const double chosen = number(json, "chosen");
  if (chosen >= 0 && chosen < static_cast<double>(arm.settings.size())) arm.chosen = whole(chosen);
  return arm;
}

// "3 labels per class are 25 % of each class. Classes with fewer ..."
std::string labels_note(const Json& plan) {
  std::string note, classes;
  for (const Json& budget : objects(plan, "budgets"))
    if (const std::string rule = text(budget, "rule"); rule.ends_with("%"))
      note += fmt::format(" {} are {} of each class.",
                          budget_text(whole(number(budget, "labels_per_class"))), rule);
    else if (rule.ends_with("total"))
      note += fmt::format(" {} are {}, in equal shares.",
                          budget_text(whole(number(budget, "labels_per_class"))), rule);
  for (const Json& few : objects(plan, "short_classes"))
    classes += fmt::format("{}{} ({})", classes.empty() ? "" : ", ", text(few, "class"),
                           whole(number(few, "images")));
  if (const double points = number(plan, "until_half_width"); points > 0)
    note += fmt::format(
        " Seeds were added until every interval of an arm minus scratch reached at most {} points "
        "to either side, or no more were allowed; intervals of such sweeps are a little narrow.",
        points);
  if (!classes.empty()) note += " Classes with fewer images give all they have: " + classes + ".";
  return note;
}

void read_arms(TransferRun& run, const Json& plan) {
  for (const Json& json : objects(plan, "arms")) {
    run.arms.push_back(arm_of(json));
    const int64_t cut = run.arms.back().cut;
    if (cut >= 0 && cut <= kMostStages) continue;
    run.notes.push_back(fmt::format("plan.json: an arm keeps {} stages", cut));
    run.arms.back().cut = 0;
  }
}

Cell cell_of(const TransferRun& run, const Arm& arm) {
  Cell cell{.source = arm.line.source,
            .mode = arm.line.mode,
            .head = arm.line.head,
            .factor = arm.line.factor,
            .cut = arm.cut,
            .labels_per_class = arm.labels_per_class,
            .control = arm.line.control};
  if (arm.cut > 0) cell.stage = run.stages[static_cast<size_t>(arm.cut - 1)];
  if (arm.chosen < 0) return cell;
  const Setting& setting = arm.settings[static_cast<size_t>(arm.chosen)];
  cell.lr = setting.lr;
  cell.steps = setting.steps;
  cell.validation = setting.validation;
  return cell;
}

void read_cells(TransferRun& run, const Json& plan) {
  const std::map<std::string, Result> results = read_results(run);
  for (const Json& json : objects(plan, "cells")) {
    const double arm = number(json, "arm");
    if (!(arm >= 0 && arm < static_cast<double>(run.arms.size()))) {
      run.notes.push_back("plan.json: a cell is of no arm");
      continue;
    }
    Cell cell = cell_of(run, run.arms[static_cast<size_t>(arm)]);
    cell.id = text(json, "id");
    cell.seed = whole(number(json, "seed"));
    cell.backbone = whole(number(json, "backbone"));
    const auto known = results.find(cell.id);
    const Result result = known != results.end() ? known->second : read_result(run, cell.id);
    cell.status = result.status;
    cell.accuracy = result.accuracy;
    cell.loss = result.loss;
    cell.seconds = result.seconds;
    cell.stuck = result.stuck;
    run.cells.push_back(std::move(cell));
  }
}

// A stage that the plan does not name is its number.
void complete_stages(TransferRun& run) {
  for (const Arm& arm : run.arms)
    for (size_t i = run.stages.size(); i < static_cast<size_t>(arm.cut); ++i)
      run.stages.push_back("stage " + std::to_string(i + 1));
}

}  // namespace

TransferRun read_transfer(const std::filesystem::path& path) {
  TransferRun run;
  read_common(run, path);
  const Json plan = read_json(run, "plan.json");
  run.stages = texts(plan, "stages");
  run.classes = texts(plan, "classes");
  run.chance = number(plan, "chance");
  run.labels_note = labels_note(plan);
  run.test_images = whole(number(plan, "test_images"));
  for (const Json& json : objects(plan, "backbones"))
    run.backbones.push_back({text(json, "path"), text(json, "task"), whole(number(json, "seed")),
                             whole(number(json, "steps"))});
  read_arms(run, plan);
  complete_stages(run);
  read_cells(run, plan);
  run.rows = statistics::summarize(run.cells);
  return run;
}

}  // namespace espalier::report

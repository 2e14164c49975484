// How the files of a run folder become a Run. See run.h.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/jsonl.h"
#include "report/run.h"

namespace espalier::report {
namespace {

namespace fs = std::filesystem;

bool there(const fs::path& path) {
  std::error_code unreadable;
  return fs::exists(path, unreadable);
}

// The text of a file of the run; where there is none, "" and a note.
std::string read_part(Run& run, const std::string& file) {
  try {
    if (there(run.path / file)) return read_file(run.path / file);
    run.notes.push_back(file + " is missing");
  } catch (const Error& error) {
    run.notes.push_back(error.what());
  }
  return "";
}

Json read_json(Run& run, const std::string& file) {
  const std::string text = read_part(run, file);
  if (text.empty()) return Json::object();
  Json value = Json::parse(text, nullptr, false);
  if (value.is_object()) return value;
  run.notes.push_back(file + " is not a JSON object");
  return Json::object();
}

double number(const Json& object, const std::string& key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_number() ? value->get<double>() : kUnknown;
}

std::string text(const Json& object, const std::string& key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

std::vector<std::string> texts(const Json& object, const std::string& key) {
  std::vector<std::string> list;
  const auto values = object.find(key);
  if (values == object.end() || !values->is_array()) return list;
  for (const Json& value : *values)
    list.push_back(value.is_string() ? value.get<std::string>() : value.dump());
  return list;
}

constexpr int64_t kMostStages = 10000;  // more is damage

int64_t whole(double value) {
  return std::isnan(value) ? 0 : std::llround(std::clamp(value, -1e15, 1e15));
}

// "all" and -1 are 0.
int64_t labels(double value) { return std::max<int64_t>(0, whole(value)); }

void flatten(const Json& object, const std::string& prefix, Run& run) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object())
      flatten(value, prefix + key + ".", run);
    else
      run.provenance.emplace_back(prefix + key,
                                  value.is_string()
                                      ? value.get<std::string>()
                                      : value.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
}

void read_common(Run& run, const fs::path& path) {
  run.path = path;
  const fs::path plain = fs::absolute(path).lexically_normal();
  run.name = (plain.has_filename() ? plain : plain.parent_path()).filename().string();
  run.config = read_part(run, "config.yaml");
  flatten(read_json(run, "provenance.json"), "", run);
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

void read_cells(TransferRun& run, const std::string& csv) {
  std::istringstream lines(csv);
  std::string line;
  if (!std::getline(lines, line)) return;
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
    Cell cell{.id = field("id"),
              .mode = field("mode"),
              .stage = field("stage"),
              .status = field("status")};
    cell.cut = whole(parse_number(field("cut")));
    cell.labels_per_class = labels(parse_number(field("labels_per_class")));
    cell.seed = whole(parse_number(field("seed")));
    cell.accuracy = parse_number(field("accuracy"));
    cell.loss = parse_number(field("loss"));
    cell.seconds = parse_number(field("seconds"));
    cell.stuck = field("stuck") == "1";
    if (cell.cut < 0 || cell.cut > kMostStages)
      run.notes.push_back(fmt::format("cells.csv: cell {} keeps {} stages", cell.id, cell.cut));
    else
      run.cells.push_back(std::move(cell));
  }
}

// The result of a cell that has a folder of its own.
void read_result(TransferRun& run, Cell& cell) {
  const std::string file = "cells/" + cell.id + "/result.json";
  if (!there(run.path / file)) return;
  const Json result = read_json(run, file);
  cell.status = text(result, "status");
  cell.accuracy = number(result, "accuracy");
  cell.loss = number(result, "loss");
  cell.seconds = number(result, "seconds");
  const auto stuck = result.find("stuck");
  cell.stuck = stuck != result.end() && stuck->is_boolean() && stuck->get<bool>();
}

// The cells of plan.json: of those that cells.csv lacks, what their folders hold.
void read_plan(TransferRun& run, const Json& plan) {
  std::map<std::string, Cell> known;
  for (Cell& cell : run.cells) known[cell.id] = std::move(cell);
  run.cells.clear();
  const auto cells = plan.find("cells");
  if (cells == plan.end() || !cells->is_array()) return;
  for (const Json& json : *cells) {
    if (!json.is_object()) continue;
    Cell cell{.id = text(json, "id"), .mode = text(json, "mode"), .status = Cell::kWaiting};
    cell.cut = whole(number(json, "cut"));
    cell.labels_per_class = labels(number(json, "labels_per_class"));
    cell.seed = whole(number(json, "seed"));
    if (cell.cut > 0 && static_cast<size_t>(cell.cut) <= run.stages.size())
      cell.stage = run.stages[static_cast<size_t>(cell.cut - 1)];
    if (const auto found = known.find(cell.id); found != known.end())
      cell = found->second;
    else
      read_result(run, cell);
    run.cells.push_back(std::move(cell));
  }
}

// Where the summary names no stages, what the cells name; an unnamed stage is its number.
void complete_stages(TransferRun& run) {
  for (const Cell& cell : run.cells) {
    const auto at = static_cast<size_t>(cell.cut);
    if (at > run.stages.size()) run.stages.resize(at);
    if (at > 0 && run.stages[at - 1].empty()) run.stages[at - 1] = cell.stage;
  }
  for (size_t i = 0; i < run.stages.size(); ++i)
    if (run.stages[i].empty()) run.stages[i] = "stage " + std::to_string(i + 1);
}

TransferRun read_transfer(const fs::path& path) {
  TransferRun run;
  read_common(run, path);
  const bool planned = there(path / "plan.json");
  // A sweep that runs, or was killed, has a plan and cells; tables come at its end.
  if (!planned || there(path / "cells.csv")) read_cells(run, read_part(run, "cells.csv"));
  const Json facts = read_json(run, planned ? "plan.json" : "summary.json");
  run.stages = texts(facts, "stages");
  run.classes = texts(facts, "classes");
  run.chance = number(facts, "chance");
  if (planned) read_plan(run, facts);
  complete_stages(run);
  run.rows = summarize(run.cells);
  return run;
}

Scalar& scalar_named(PretrainRun& run, const std::string& name) {
  for (Scalar& scalar : run.scalars)
    if (scalar.name == name) return scalar;
  run.scalars.push_back({name, {}, {}});
  return run.scalars.back();
}

PretrainRun read_pretrain(const fs::path& path) {
  PretrainRun run;
  read_common(run, path);
  if (!there(path / "backbone.json"))
    run.notes.push_back("backbone.json is missing: the run has not ended");
  try {
    for (const Json& row : read_jsonl(path / "metrics.jsonl")) {
      const double step = row.is_object() ? number(row, "step") : kUnknown;
      if (std::isnan(step)) continue;
      for (const auto& [name, value] : row.items()) {
        if (name == "step" || !value.is_number()) continue;
        Scalar& scalar = scalar_named(run, name);
        scalar.steps.push_back(step);
        scalar.values.push_back(value.get<double>());
      }
    }
    if (run.scalars.empty()) run.notes.push_back("metrics.jsonl holds no rows");
  } catch (const Error& error) {
    run.notes.push_back(error.what());
  }
  return run;
}

bool is_transfer(const fs::path& path) {
  return there(path / "plan.json") || there(path / "cells.csv") || there(path / "summary.json") ||
         there(path / "cells");
}

bool is_pretrain(const fs::path& path) {
  return there(path / "metrics.jsonl") || there(path / "backbone.json");
}

bool read_run(const fs::path& path, Runs& runs) {
  if (is_transfer(path))
    runs.transfer.push_back(read_transfer(path));
  else if (is_pretrain(path))
    runs.pretrain.push_back(read_pretrain(path));
  else
    return false;
  return true;
}

}  // namespace

Runs read_runs(const std::vector<fs::path>& paths) {
  Runs runs;
  for (const fs::path& path : paths) {
    std::error_code unreadable;
    check(fs::is_directory(path, unreadable), Kind::kUsage,
          "{} is not a folder (try: the --out of a run)", path.string());
    if (read_run(path, runs)) continue;
    std::vector<fs::path> inside;
    for (const auto& entry : fs::directory_iterator(path, unreadable))
      if (entry.is_directory(unreadable)) inside.push_back(entry.path());
    check(!unreadable, Kind::kIo, "cannot list {}: {}", path.string(), unreadable.message());
    std::sort(inside.begin(), inside.end());
    bool found = false;
    for (const fs::path& folder : inside) found = read_run(folder, runs) || found;
    check(found, Kind::kUsage,
          "{} holds no run: neither metrics.jsonl nor cells.csv is there or one folder below",
          path.string());
  }
  return runs;
}

}  // namespace espalier::report

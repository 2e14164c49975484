#include "report/run_files.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"

namespace espalier::report {
namespace {

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

}  // namespace

bool there(const std::filesystem::path& path) {
  std::error_code unreadable;
  return std::filesystem::exists(path, unreadable);
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

std::vector<Json> objects(const Json& object, const std::string& key) {
  std::vector<Json> list;
  const auto values = object.find(key);
  if (values == object.end() || !values->is_array()) return list;
  for (const Json& value : *values)
    if (value.is_object()) list.push_back(value);
  return list;
}

void read_common(Run& run, const std::filesystem::path& path) {
  run.path = path;
  const std::filesystem::path plain = std::filesystem::absolute(path).lexically_normal();
  run.name = (plain.has_filename() ? plain : plain.parent_path()).filename().string();
  run.config = read_part(run, "config.yaml");
  flatten(read_json(run, "provenance.json"), "", run);
}

}  // namespace espalier::report

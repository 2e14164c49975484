#include "transfer/cell_store.h"

#include <chrono>
#include <cmath>

#include "core/files.h"
#include "core/stop_request.h"

namespace espalier::transfer {
namespace {

namespace fs = std::filesystem;

constexpr auto kPoll = std::chrono::milliseconds(200);
constexpr auto kAbandonedAfter = std::chrono::minutes(10);

nlohmann::ordered_json json_of(const CellResult& result) {
  return {{"accuracy", result.accuracy},
          {"loss", result.loss},
          {"validation_accuracy", result.validation_accuracy},
          {"probe_strength", result.probe_strength},
          {"seconds", result.seconds},
          {"steps", result.steps},
          {"status", name_of(result.status)},
          {"stuck", result.stuck},
          {"kept_sha256", result.kept_sha256}};
}

// What was half written long ago; a process that lives is done with it in a moment.
void remove_abandoned(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with('.') || !name.ends_with(".partial")) continue;
    const auto written = fs::last_write_time(entry.path(), error);
    if (!error && fs::file_time_type::clock::now() - written > kAbandonedAfter)
      fs::remove_all(entry.path(), error);
  }
}

}  // namespace

std::string class_bytes(const std::vector<int64_t>& numbers, int64_t classes) {
  std::string bytes;
  for (const int64_t number : numbers) {
    bytes += static_cast<char>(number & 0xff);
    if (classes > 256) bytes += static_cast<char>(number >> 8);
  }
  return bytes;
}

CellStore::CellStore(const fs::path& folder)
    : cells_(folder / "cells"),
      bases_(folder / "bases"),
      cell_claims_(cells_),
      base_claims_(bases_) {}

void CellStore::prepare() {
  for (const fs::path& folder : {cells_, bases_}) {
    make_directories(folder);
    remove_abandoned(folder);
  }
  cell_claims_.remove_stale();
  base_claims_.remove_stale();
}

bool CellStore::has(const std::string& id) const {
  {
    const std::lock_guard lock(mutex_);
    if (there_.contains(id)) return true;
  }
  std::error_code unreadable;
  if (!fs::exists(cells_ / id / "result.json", unreadable)) return false;
  const std::lock_guard lock(mutex_);
  there_.insert(id);
  return true;
}

CellResult CellStore::read(const std::string& id) const {
  const fs::path path = cells_ / id / "result.json";
  const auto damaged = [&](const std::string& why) {
    return Error(Kind::kData, "{} is damaged: {} (try: remove {}, it is computed again)",
                 path.string(), why, path.parent_path().string());
  };
  try {
    const auto json = nlohmann::json::parse(read_file(path));
    const auto number = [&](const char* key) {
      return json.at(key).is_null() ? std::nan("") : json.at(key).get<double>();
    };
    const auto status = value_named<Status>(json.at("status").get<std::string>());
    if (!status) throw damaged("its status is " + json.at("status").dump());
    return {.accuracy = number("accuracy"),
            .loss = number("loss"),
            .validation_accuracy = number("validation_accuracy"),
            .probe_strength = number("probe_strength"),
            .seconds = number("seconds"),
            .steps = json.at("steps"),
            .status = *status,
            .stuck = json.at("stuck"),
            .kept_sha256 = json.at("kept_sha256")};
  } catch (const nlohmann::json::exception& error) {
    throw damaged(error.what());
  }
}

void CellStore::write(const std::string& id, const nlohmann::json& spec,
                      const CellOutput& output) const {
  const fs::path folder = cells_ / id, temporary = temporary_name(folder);
  std::error_code ignored;
  fs::remove_all(temporary, ignored);
  make_directories(temporary);
  write_file(temporary / "spec.json", spec.dump(2) + "\n");
  write_file(temporary / "curve.csv", output.curve);
  write_file(temporary / "predictions.bin",
             class_bytes(output.predictions, spec.at("classes").get<int64_t>()));
  write_file(temporary / "result.json", json_of(output.result).dump(2) + "\n");
  try {
    publish(temporary, folder);
  } catch (const Error&) {
    if (!has(id)) throw;
    fs::remove_all(temporary, ignored);  // another process was quicker, with the same result
  }
}

void CellStore::remove(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  there_.erase(id);
  // Renamed first, so that a process that is killed here leaves no half of it.
  const fs::path folder = cells_ / id, gone = temporary_name(folder);
  std::error_code ignored;
  fs::remove_all(gone, ignored);
  std::error_code error;
  fs::rename(folder, gone, error);
  check(!error, Kind::kIo, "cannot remove {}: {}", folder.string(), error.message());
  fs::remove_all(gone, ignored);
}

tensor::TensorMap CellStore::base(const std::string& id,
                                  const std::function<tensor::TensorMap()>& compute) {
  const fs::path file = bases_ / (id + ".safetensors");
  while (true) {
    if (fs::exists(file)) return tensor::read_safetensors(file);
    if (const auto claim = base_claims_.claim(id); claim && !fs::exists(file)) {
      write_file(file, tensor::to_safetensors(compute()));
      continue;  // what is read back is the same for all
    }
    stop_request::throw_if_wanted("finished cells are kept");
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace espalier::transfer

#include "transfer/cell_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <csignal>
#include <sstream>

#include "comm/topology.h"
#include "core/files.h"

namespace espalier::transfer {
namespace {

namespace fs = std::filesystem;

constexpr double kRefreshSeconds = 60;
constexpr auto kStaleAfter = std::chrono::minutes(10);

bool is_stale(const fs::path& lock) {
  std::error_code gone;
  const auto written = fs::last_write_time(lock, gone);
  if (gone) return true;
  if (fs::file_time_type::clock::now() - written > kStaleAfter) return true;
  std::string host;
  pid_t pid = 0;
  try {
    std::istringstream(read_file(lock)) >> host >> pid;
  } catch (const Error&) {
    return !fs::exists(lock, gone);
  }
  if (host != comm::host_name() || pid <= 0) return false;
  // A process asks for a cell once, so its own number is that of an earlier one.
  return pid == getpid() || (kill(pid, 0) != 0 && errno == ESRCH);
}

// True when the file is new.
bool create(const fs::path& lock) {
  const int descriptor = open(lock.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  check(descriptor >= 0 || errno == EEXIST, Kind::kIo, "cannot create {}: {}", lock.string(),
        errno_text());
  if (descriptor < 0) return false;
  const std::string text = fmt::format("{} {}\n", comm::host_name(), getpid());
  const bool written = ::write(descriptor, text.data(), text.size()) > 0;
  close(descriptor);
  check(written, Kind::kIo, "cannot write {}: {}", lock.string(), errno_text());
  return true;
}

std::string bytes_of(const std::vector<int64_t>& predictions, int64_t classes) {
  std::string bytes;
  for (const int64_t prediction : predictions) {
    bytes += static_cast<char>(prediction & 0xff);
    if (classes > 256) bytes += static_cast<char>(prediction >> 8);
  }
  return bytes;
}

}  // namespace

Claim::~Claim() {
  std::error_code ignored;
  if (!lock_.empty()) fs::remove(lock_, ignored);
}

void Claim::refresh() {
  if (since_refresh_.seconds() < kRefreshSeconds) return;
  since_refresh_.lap();
  std::error_code ignored;
  fs::last_write_time(lock_, fs::file_time_type::clock::now(), ignored);
}

CellStore::CellStore(const fs::path& folder) : cells_(folder / "cells") {
  make_directories(cells_);
}

bool CellStore::has(const std::string& id) const {
  std::error_code unreadable;
  return fs::exists(cells_ / id / "result.json", unreadable);
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
            .seconds = number("seconds"),
            .steps = json.at("steps"),
            .status = *status,
            .stuck = json.at("stuck"),
            .kept_sha256 = json.at("kept_sha256")};
  } catch (const nlohmann::json::exception& error) {
    throw damaged(error.what());
  }
}

std::optional<Claim> CellStore::claim(const std::string& id) const {
  const fs::path lock = cells_ / (id + ".lock");
  if (!create(lock)) {
    if (!is_stale(lock)) return std::nullopt;
    std::error_code ignored;
    fs::remove(lock, ignored);
    if (!create(lock)) return std::nullopt;
  }
  return Claim(lock);
}

void CellStore::write(const std::string& id, const nlohmann::json& spec,
                      const CellOutput& output) const {
  const CellResult& result = output.result;
  const nlohmann::ordered_json json = {{"accuracy", result.accuracy},      {"loss", result.loss},
                                       {"seconds", result.seconds},        {"steps", result.steps},
                                       {"status", name_of(result.status)}, {"stuck", result.stuck},
                                       {"kept_sha256", result.kept_sha256}};
  const fs::path folder = cells_ / id, temporary = temporary_name(folder);
  std::error_code ignored;
  fs::remove_all(temporary, ignored);
  make_directories(temporary);
  write_file(temporary / "spec.json", spec.dump(2) + "\n");
  write_file(temporary / "curve.csv", output.curve);
  write_file(temporary / "predictions.bin",
             bytes_of(output.predictions, spec.at("classes").get<int64_t>()));
  write_file(temporary / "result.json", json.dump(2) + "\n");
  try {
    publish(temporary, folder);
  } catch (const Error&) {
    if (!has(id)) throw;
    fs::remove_all(temporary, ignored);  // another process was quicker, with the same result
  }
}

}  // namespace espalier::transfer

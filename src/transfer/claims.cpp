#include "transfer/claims.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <sstream>

#include "comm/topology.h"
#include "core/files.h"

namespace espalier::transfer {
namespace {

namespace fs = std::filesystem;

constexpr auto kStaleAfter = std::chrono::minutes(10);

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

// `lock` is none that this process holds, so its own number in it is that of an earlier process.
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
  return pid == getpid() || (kill(pid, 0) != 0 && errno == ESRCH);
}

}  // namespace

Claim::~Claim() {
  if (claims_ != nullptr) claims_->release(lock_);
}

Claims::Claims(fs::path folder, std::chrono::milliseconds refresh)
    : folder_(std::move(folder)), refresh_(refresh), refresher_([this] { refresh_held(); }) {}

Claims::~Claims() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  refresher_.join();
}

void Claims::refresh_held() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, refresh_, [this] { return stopped_; })) {
    const std::set<fs::path> held = held_;
    lock.unlock();
    std::error_code ignored;
    for (const fs::path& file : held)
      fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);
    lock.lock();
  }
}

std::optional<Claim> Claims::claim(const std::string& id) {
  const fs::path lock = folder_ / (id + ".lock");
  {
    const std::lock_guard guard(mutex_);
    if (!held_.insert(lock).second) return std::nullopt;
  }
  try {
    if (create(lock)) return Claim(*this, lock);
    std::error_code ignored;
    if (is_stale(lock)) {
      fs::remove(lock, ignored);
      if (create(lock)) return Claim(*this, lock);
    }
  } catch (...) {
    give_up(lock);
    throw;
  }
  give_up(lock);
  return std::nullopt;
}

void Claims::give_up(const fs::path& lock) {
  const std::lock_guard guard(mutex_);
  held_.erase(lock);
}

void Claims::release(const fs::path& lock) {
  std::error_code ignored;
  fs::remove(lock, ignored);
  give_up(lock);
}

void Claims::remove_stale() {
  std::error_code error;
  if (!fs::exists(folder_, error)) return;
  const std::lock_guard guard(mutex_);
  for (const auto& entry : fs::directory_iterator(folder_, error))
    if (entry.path().extension() == ".lock" && !held_.contains(entry.path()) &&
        is_stale(entry.path()))
      fs::remove(entry.path(), error);
}

}  // namespace espalier::transfer

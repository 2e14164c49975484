// Who computes what, among any number of processes on any hosts that share a folder: a file
// ID.lock, "HOST PID", by whoever created it. While a process lives a thread of its own refreshes
// the locks that it holds, however long the work takes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace espalier::transfer {

class Claims;

// The right to compute something, given back at the end.
class Claim {
 public:
  Claim(Claims& claims, std::filesystem::path lock) : claims_(&claims), lock_(std::move(lock)) {}
  Claim(Claim&& other) noexcept
      : claims_(std::exchange(other.claims_, nullptr)), lock_(other.lock_) {}
  Claim& operator=(Claim&&) = delete;
  ~Claim();

 private:
  Claims* claims_;
  std::filesystem::path lock_;
};

// Any number of threads. Outlives its claims.
class Claims {
 public:
  // In `folder`, which need not be there before the first claim. Locks that are held are refreshed
  // every `refresh`, much more often than once in ten minutes.
  explicit Claims(std::filesystem::path folder,
                  std::chrono::milliseconds refresh = std::chrono::seconds(30));
  ~Claims();
  Claims(const Claims&) = delete;

  // Nothing when another thread or process has it. A lock is taken over from a process of this host
  // that is gone, and from any that has not refreshed for ten minutes; should two processes do so
  // at once, both have it.
  std::optional<Claim> claim(const std::string& id);

  // Locks that would be taken over, of things that nobody will ask for again.
  void remove_stale();

 private:
  friend class Claim;

  void refresh_held();
  void release(const std::filesystem::path& lock);
  void give_up(const std::filesystem::path& lock);

  std::filesystem::path folder_;
  std::chrono::milliseconds refresh_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::filesystem::path> held_;
  bool stopped_ = false;
  std::thread refresher_;
};

}  // namespace espalier::transfer

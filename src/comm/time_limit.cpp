#include "comm/time_limit.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <system_error>

#include "core/error.h"
#include "core/log.h"

namespace espalier::comm {

TimeLimit::TimeLimit(double seconds, std::string what) {
  const auto watch = [this, seconds, what = std::move(what)] {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return over_; }))
      return;
    log::error("espalier", "{} hung for {} s: this process ends (try: the driver's log, dmesg)",
               what, seconds);
    std::fflush(nullptr);
    _exit(static_cast<int>(Kind::kPeer));
  };
  try {
    thread_ = std::thread(watch);
  } catch (const std::system_error&) {  // no thread to be had: the caller takes its chance
  }
}

TimeLimit::~TimeLimit() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace espalier::comm

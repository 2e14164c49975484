#include "comm/time_limit.h"

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>

#include "core/error.h"
#include "core/log.h"

namespace espalier::comm {

TimeLimit::TimeLimit(double seconds, const std::string& what)
    : watch_([seconds, what](const std::stop_token& over) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any changed;
        changed.wait_for(lock, over, std::chrono::duration<double>(seconds), [] { return false; });
        if (over.stop_requested()) return;
        log::error("espalier", "{} hung for {} s: this process ends (try: the driver's log, dmesg)",
                   what, seconds);
        std::fflush(nullptr);
        _exit(static_cast<int>(Kind::kPeer));
      }) {}

}  // namespace espalier::comm

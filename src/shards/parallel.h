// A loop over items from several threads.
#pragma once

#include <cstdint>
#include <functional>

namespace espalier::shards {

// Calls body(i) once for every i in [0, count), from `threads` threads of which the caller is one.
// `progress(done)` is called by the caller between its own items. The first exception ends the loop
// and is thrown here.
void parallel_for(int64_t count, int64_t threads, const std::function<void(int64_t)>& body,
                  const std::function<void(int64_t)>& progress = {});

}  // namespace espalier::shards

#include "comm/launcher_watch.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "core/error.h"

namespace espalier::comm {

void leave_with_launcher() {
  std::thread([launcher = getppid()] {
    while (getppid() == launcher) std::this_thread::sleep_for(std::chrono::milliseconds(500));
    std::fputs("espalier: the launcher (mpirun or srun) has gone, so this rank ends\n", stderr);
    _exit(static_cast<int>(Kind::kPeer));
  }).detach();
}

}  // namespace espalier::comm

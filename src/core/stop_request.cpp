#include "core/stop_request.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

namespace espalier::stop_request {
namespace {

constexpr int kSignals[] = {SIGTERM, SIGHUP, SIGUSR1, SIGINT};

volatile std::sig_atomic_t received = 0;  // the signal that asked
volatile std::sig_atomic_t interrupts = 0;

void say(std::string_view text) {
  [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, text.data(), text.size());
}

void on_signal(int signal) {
  const int saved_errno = errno;
  received = signal;
  if (signal == SIGINT) {
    interrupts = interrupts + 1;
    if (interrupts == 1) {
      say("\nespalier: stopping in order; press Ctrl-C again to end at once\n");
    } else {
      say("\nespalier: ended at once; what was not saved is lost\n");
      std::signal(SIGINT, SIG_DFL);
      raise(SIGINT);  // arrives when this handler returns
    }
  }
  errno = saved_errno;
}

bool is_ignored(int signal) {
  struct sigaction now = {};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

void handle(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  for (const int signal : kSignals)
    if (!is_ignored(signal)) sigaction(signal, &action, nullptr);
}

}  // namespace

void listen() { handle(&on_signal); }

void decline() {
  handle(SIG_DFL);
  if (received != 0) raise(received);
}

bool wanted() { return received != 0; }

void throw_if_wanted(const std::string& progress) {
  check(!wanted(), kStopped,
        "stopped on request: {} (try: the same command again, which continues)", progress);
}

}  // namespace espalier::stop_request

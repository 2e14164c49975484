// A signal that asks the program to stop: SIGTERM, SIGHUP, SIGUSR1 and the first SIGINT.
//
//   stop_request::listen();                          // first lines of main
//   stop_request::decline();                         // where there is nothing to save
//   while (...) { ...; stop_request::throw_if_wanted("12 of 40 cells are finished"); }
//
// Code that has something to save calls wanted() between two pieces of work, saves and ends with
// kExitRequeue. A second SIGINT ends the process at once. SIGINT and SIGHUP that the caller ignores
// (nohup, a job in the background) stay ignored. Safe from any thread.
#pragma once

#include <string>

#include "core/error.h"

namespace espalier::stop_request {

// The exit code of a stop as a kind of error, which travels through threads and ranks like any
// other.
inline constexpr Kind kStopped = static_cast<Kind>(kExitRequeue);

void listen();

// From now on such a signal ends the process, as does one that came since listen().
void decline();

[[nodiscard]] bool wanted();

// Throws kStopped, "stopped on request: PROGRESS (try: the same command again, which continues)".
void throw_if_wanted(const std::string& progress);

}  // namespace espalier::stop_request

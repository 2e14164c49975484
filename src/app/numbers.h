// Integers on the command line.
#pragma once

#include <CLI/CLI.hpp>

namespace espalier::app {

// For all integer options of a verb that are declared so far: a usage error for a negative value
// where there is no such, and for one that 64 bits do not hold. CLI11 would take others for them.
void refuse_wrapped_integers(CLI::App& command);

}  // namespace espalier::app

// Integers on the command line.
#pragma once

#include <CLI/CLI.hpp>

namespace espalier::app {

// For all integer options of a verb that are declared so far: a usage error for a negative value of
// an unsigned option, and for a value that 64 bits do not hold. CLI11 would read other numbers.
void refuse_wrapped_integers(CLI::App& command);

}  // namespace espalier::app

// The one place where an exception of the standard library, of spdlog or of LibTorch becomes an
// Error: a lack of memory or threads and refusals of the file system are kIo, everything else is
// kBug.
//
//   try { ... } catch (...) { const Error error = error_of(std::current_exception()); ... }
#pragma once

#include <exception>

#include "core/error.h"

namespace espalier {

// An Error stays as it is.
[[nodiscard]] Error error_of(const std::exception_ptr& caught);

}  // namespace espalier

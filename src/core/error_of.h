// The one place where an exception of the standard library, of spdlog or of LibTorch becomes an
// Error: memory or threads that cannot be had and refusals of the file system are kIo, what is
// left is kBug.
//
//   try { ... } catch (...) { const Error error = error_of(std::current_exception()); ... }
#pragma once

#include <exception>

#include "core/error.h"

namespace espalier {

// An Error stays as it is.
Error error_of(const std::exception_ptr& caught);

}  // namespace espalier

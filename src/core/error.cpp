#include "core/error.h"

#include <cerrno>
#include <system_error>

namespace espalier {

std::string errno_text() {
  const int cause = errno;
  return std::generic_category().message(cause) +
         (cause == EMFILE ? " (try: a higher limit by ulimit -n)" : "");
}

}  // namespace espalier

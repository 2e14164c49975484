#include "app/numbers.h"

#include <cerrno>
#include <cstdlib>
#include <string>

namespace espalier::app {

void refuse_wrapped_integers(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    const std::string type = option->get_type_name();
    const bool is_unsigned = type.starts_with("UINT");
    if (!is_unsigned && !type.starts_with("INT")) continue;
    option->check([is_unsigned](const std::string& text) -> std::string {
      if (is_unsigned && text.starts_with('-')) return text + " is below 0 (try: 0)";
      errno = 0;
      is_unsigned ? void(std::strtoull(text.c_str(), nullptr, 0))
                  : void(std::strtoll(text.c_str(), nullptr, 0));
      return errno == ERANGE ? text + " is too large" : "";
    });
  }
}

}  // namespace espalier::app

// A field of a CSV file (RFC 4180): in quotes where it holds a comma, a quote or a line's end.
#pragma once

#include <string>

namespace espalier {

[[nodiscard]] std::string csv_field(const std::string& text);

}  // namespace espalier

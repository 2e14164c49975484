// Names and texts that come from outside, as one line that shows every character of them.
#pragma once

#include <string>
#include <string_view>

namespace espalier {

// `\n`, `\t`, `\r` and `\x1b` for control characters and `\\` for a backslash: equal results come
// from equal texts. Every line of the log and of skipped.tsv goes through it.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace espalier

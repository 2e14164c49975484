// The table of tasks for the documentation, from what each says of itself (pretext::About).
#pragma once

#include <string>

namespace espalier::app {

// A Markdown table for each family: paper, loss, views, what it needs, where it differs from the
// paper.
std::string task_table();

}  // namespace espalier::app

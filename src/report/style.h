// The style sheet of the page. Colours are variables that change with the reader's system: --c1 to
// --c6 of slots (drawing/marks.h), --b1 to --b5 and --o1 to --o5 the ramps of heat tables, on which
// text of colour --ink has a contrast of at least 4.5.
#pragma once

namespace espalier::report {

extern const char* const kStyle;

}  // namespace espalier::report

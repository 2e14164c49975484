// How ranks fail together: an action that may go wrong on some ranks ends the same way on all.
// The others wait for an action as long as it makes progress (core/activity.h).
#pragma once

#include <functional>
#include <string>

#include "comm/communicator.h"

namespace espalier::comm {

// Collective. Runs `action` on every rank. When it throws on any, every rank throws the first such
// rank's error, marked agreed, its message prefixed with "rank R: " where only some ranks failed.
void agree(Communicator& control, const std::function<void()>& action);

// Collective. As agree(), but `action` runs on rank 0 alone; the others wait for how it ended.
void on_rank_zero(Communicator& control, const std::function<void()>& action);

// Local. Runs `body`; raises an error of it that is not agreed, before anything outside `body` is
// destroyed, and throws it on.
void raise_errors(Communicator& control, const std::function<void()>& body);

// Collective. Rank 0's text, on every rank.
std::string broadcast_text(Communicator& control, const std::string& text);

// Collective. Every rank's text, in rank order, on every rank.
std::vector<std::string> gather_texts(Communicator& control, const std::string& text);

}  // namespace espalier::comm

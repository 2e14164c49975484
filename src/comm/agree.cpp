#include "comm/agree.h"

#include <algorithm>
#include <optional>

#include "comm/topology.h"
#include "core/error_of.h"

namespace espalier::comm {
namespace {

std::optional<Error> error_in(const std::function<void()>& action) {
  try {
    action();
    return std::nullopt;
  } catch (...) {
    return error_of(std::current_exception());
  }
}

// Collective. Throws the first rank's error on all of them; `may_fail` ranks had something to do.
void settle(Communicator& control, const std::optional<Error>& error, int may_fail) {
  // An error travels as its kind in one byte and its text; nothing stands for success.
  const std::string mine =
      error ? std::string(1, static_cast<char>(error->kind())) + error->what() : std::string();
  const std::vector<std::string> all = gather_texts(control, mine);
  const auto failed = [](const std::string& text) { return !text.empty(); };
  const auto first = std::find_if(all.begin(), all.end(), failed);
  if (first == all.end()) return;
  const bool some = std::count_if(all.begin(), all.end(), failed) < may_fail;
  const auto rank = first - all.begin();
  const std::string origin =
      some ? fmt::format("rank {} on {}: ", rank, gather_texts(control, host_name())[rank]) : "";
  throw Error(static_cast<Kind>(first->front()), "{}{}", origin, first->substr(1)).set_agreed();
}

}  // namespace

void agree(Communicator& control, const std::function<void()>& action) {
  settle(control, error_in(action), control.size());
}

void on_rank_zero(Communicator& control, const std::function<void()>& action) {
  settle(control, control.rank() == 0 ? error_in(action) : std::nullopt, 1);
}

void raise_errors(Communicator& control, const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    if (!error.agreed()) control.raise(error);
    throw;
  } catch (...) {
    control.raise(error_of(std::current_exception()));
    throw;
  }
}

std::string broadcast_text(Communicator& control, const std::string& text) {
  std::string result = text;
  int64_t size = static_cast<int64_t>(text.size());
  control.broadcast(&size, 1, DataType::i64, 0).wait();
  result.resize(static_cast<size_t>(size));
  control.broadcast(result.data(), size, DataType::u8, 0).wait();
  return result;
}

std::vector<std::string> gather_texts(Communicator& control, const std::string& text) {
  const size_t ranks = static_cast<size_t>(control.size());
  const int64_t size = static_cast<int64_t>(text.size());
  std::vector<int64_t> sizes(ranks);
  control.all_gather(&size, sizes.data(), 1, DataType::i64).wait();
  const int64_t longest = *std::max_element(sizes.begin(), sizes.end());
  std::string padded = text;
  padded.resize(static_cast<size_t>(longest));
  std::string all(ranks * padded.size(), '\0');
  control.all_gather(padded.data(), all.data(), longest, DataType::u8).wait();
  std::vector<std::string> texts(ranks);
  for (size_t r = 0; r < ranks; ++r)
    texts[r] = all.substr(r * padded.size(), static_cast<size_t>(sizes[r]));
  return texts;
}

}  // namespace espalier::comm

// The language of pipelines: calls between `|`, an argument is `name=value` or, before any named
// one, just a value in the order of the options.
//
//   parse_calls("resize(32, 32) | flip(p=0.5)")  ->  {resize, [32, 32]}, {flip, [p=0.5]}
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/registry.h"

namespace espalier::augment {

struct Call {
  std::string name;
  std::vector<std::string> arguments;
};

// Throws kUsage for what is no list of calls; an empty text has none.
[[nodiscard]] std::vector<Call> parse_calls(const std::string& text);

// Sets the options of what is called `call.name`. Throws kUsage with the nearest legal name.
void set_options(const Call& call, const Fields& fields);

// The call with every option written out: "flip(p=0.5)".
std::string text_of(const std::string& name, const Fields& fields);

// The plug-in that is called, with its options.
template <typename T>
std::shared_ptr<T> create(const Call& call) {
  std::shared_ptr<T> plugin = Registry<T>::create(call.name);
  set_options(call, plugin->fields());
  return plugin;
}

// Runs `work`; an error of it then begins with `where`.
template <typename Work>
auto placed(const std::string& where, Work work) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", where, error.what());
  }
}

}  // namespace espalier::augment

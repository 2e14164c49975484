#include "augment/recipe.h"

#include <algorithm>

#include "augment/call.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

bool is_recipe(const std::string& name) {
  return std::ranges::count(Registry<Recipe>::names(), name) > 0;
}

// A name that nothing has may be meant for a recipe; Pipeline::parse() knows ops alone.
void check_known(const std::string& name) {
  std::vector<std::string> names = Registry<Op>::names();
  std::ranges::copy(Registry<Recipe>::names(), std::back_inserter(names));
  if (std::ranges::count(names, name) > 0) return;
  const std::string near = nearest(name, names);
  check(near.empty(), Kind::kUsage, "there is no op or recipe named '{}'; did you mean '{}'?", name,
        near);
  throw Error(Kind::kUsage,
              "there is no op or recipe named '{}' (try: espalier list op, espalier list recipe)",
              name);
}

std::vector<std::string> expanded(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const std::vector<Call> calls = parse_calls(text);
    const bool alone = texts.size() == 1 && calls.size() == 1;
    for (const Call& call : calls) {
      check_known(call.name);
      if (alone && is_recipe(call.name)) return create<Recipe>(call)->views();
      check(!is_recipe(call.name), Kind::kUsage,
            "'{}' is a recipe, not an op, and must be given alone (try: espalier describe {}, for "
            "its "
            "ops)",
            call.name, call.name);
    }
  }
  return texts;
}

}  // namespace

std::vector<Pipeline> parse_views(const std::vector<std::string>& texts, const std::string& where) {
  std::vector<Pipeline> pipelines;
  for (const std::string& text : placed(where, [&] { return expanded(texts); })) {
    pipelines.push_back(Pipeline::parse(text, where));
  }
  return pipelines;
}

}  // namespace espalier::augment

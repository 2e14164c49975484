#include "augment/recipe.h"

#include <algorithm>

#include "augment/call.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

std::vector<std::string> expanded(const std::vector<std::string>& texts, const std::string& where) {
  if (texts.size() != 1) return texts;
  try {
    const std::vector<Call> calls = parse_calls(texts[0]);
    const std::vector<std::string> recipes = Registry<Recipe>::names();
    if (calls.size() != 1 || std::ranges::find(recipes, calls[0].name) == recipes.end()) {
      return texts;
    }
    return create<Recipe>(calls[0])->views();
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", where, error.what());
  }
}

}  // namespace

std::vector<Pipeline> parse_views(const std::vector<std::string>& texts, const std::string& where) {
  std::vector<Pipeline> pipelines;
  for (const std::string& text : expanded(texts, where)) {
    pipelines.push_back(Pipeline::parse(text, where));
  }
  return pipelines;
}

}  // namespace espalier::augment

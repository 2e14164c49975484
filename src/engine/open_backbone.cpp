#include "engine/open_backbone.h"

#include "augment/call.h"
#include "model/model_options.h"

namespace espalier::engine {
namespace {

// "resnet50(stem=imagenet)" as a section `model`.
config::Document document_of_call(const std::string& text) {
  const auto calls = augment::parse_calls(text);
  check(calls.size() == 1, Kind::kUsage,
        "'{}' does not name one backbone (try: \"resnet50(stem=imagenet)\")", text);
  auto document = config::Document::parse("model: {name: " + calls[0].name + "}", text);
  for (const std::string& argument : calls[0].arguments) document.set("model." + argument);
  return document;
}

config::Document document_of(const GivenWeights& facts, const std::string& model) {
  if (!model.empty()) return document_of_call(model);
  check(!facts.model.empty(), Kind::kUsage,
        "nothing beside {} says which backbone it holds (try: task.teacher_model, as "
        "\"resnet50(stem=imagenet)\")",
        facts.parent.path);
  return config::Document::parse(facts.model, facts.parent.path);
}

}  // namespace

std::function<pretext::Trained(const std::string& source, const std::string& model)>
opener_of_backbones(const image::ViewShape& input,
                    std::shared_ptr<std::map<std::string, Parent>> loaded) {
  return [input, loaded](const std::string& source, const std::string& model) {
    const GivenWeights facts = GivenWeights::look_at(source);
    config::Document document = document_of(facts, model);
    const model::ModelOptions options = model::ModelOptions::read(document);
    const auto backbone = options.make(document, input);
    const auto load = [backbone, source, input, loaded] {
      const GivenWeights given = GivenWeights::open(source);
      given.give(*backbone, input, /*stages=*/0);
      (*loaded)[source] = given.parent;
    };
    return pretext::Trained{backbone, load, facts.parent.mean, facts.parent.std};
  };
}

}  // namespace espalier::engine

#include "transfer/source.h"

#include <algorithm>

#include "core/log.h"
#include "transfer/arm.h"

namespace espalier::transfer {
namespace {

Source open_source(const std::string& text, const engine::BackboneFile& model,
                   const augment::AugmentOptions& augment) {
  const size_t at = text.find('=');
  check(at != std::string::npos && at > 0 && at + 1 < text.size(), Kind::kUsage,
        "transfer.sources has '{}' (try: transfer.sources=[\"NAME=PATH\"])", text);
  Source source{.name = text.substr(0, at), .members = {}, .augment = augment};
  const std::string path = text.substr(at + 1);
  const engine::GivenWeights given = engine::GivenWeights::open(path);
  const auto backbone = model.make();
  given.give(*backbone, model.input, /*stages=*/0);
  source.members.push_back({path, given.parent.sha256, engine::state_of(*backbone)});
  const size_t channels = given.parent.mean.size();
  if (channels == 1 || channels == static_cast<size_t>(model.input.channels)) {
    source.augment.mean = given.parent.mean;
    source.augment.std = given.parent.std;
  } else {
    log::warning("transfer", "what source {} was normalised by is not known: as --backbone",
                 source.name);
  }
  return source;
}

}  // namespace

std::vector<Source> open_sources(const std::vector<engine::BackboneFile>& backbones,
                                 const std::vector<std::string>& others,
                                 const augment::AugmentOptions& augment) {
  const engine::BackboneFile& first = backbones.front();
  Source ours{.name = kOurs, .members = {}, .augment = augment};
  for (const engine::BackboneFile& backbone : backbones) {
    check(backbone.model_text == first.model_text && backbone.input == first.input &&
              backbone.mean == first.mean && backbone.std == first.std &&
              backbone.evaluate == first.evaluate,
          Kind::kUsage,
          "{} and {} differ in model, input or normalisation: backbones of a sweep differ by their "
          "pretraining alone (try: a sweep for each, and one report of both)",
          first.path, backbone.path);
    check(std::ranges::none_of(
              ours.members, [&](const Member& other) { return other.sha256 == backbone.sha256; }),
          Kind::kUsage, "--backbone has the same weights twice: {}", backbone.path);
    ours.members.push_back({backbone.path, backbone.sha256, backbone.weights});
  }
  std::vector<Source> sources = {std::move(ours)};
  for (const std::string& text : others) {
    sources.push_back(open_source(text, first, augment));
    check(std::ranges::count(sources, sources.back().name, &Source::name) == 1, Kind::kUsage,
          "two sources are named {}", sources.back().name);
  }
  return sources;
}

}  // namespace espalier::transfer

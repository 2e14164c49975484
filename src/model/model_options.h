// The section `model` of a configuration.
#pragma once

#include <memory>
#include <string>

#include "config/document.h"
#include "model/backbone.h"
#include "tensor/init.h"

namespace espalier::model {

enum class NormSync { kLocal, kGlobal };
constexpr auto names_of(NormSync) {
  using enum NormSync;
  return names<NormSync>({{kLocal, "local"}, {kGlobal, "global"}});
}

// Options of the section `model` that every backbone shares.
struct ModelOptions {
  std::string name = "conv_bn";
  Norm norm = Norm::kAuto;
  NormSync norm_sync = NormSync::kLocal;
  tensor::InitScheme init = tensor::InitScheme::kAuto;
  bool recompute_stages = false;
  Fields fields();

  // Of a document that holds this section and no other option.
  static ModelOptions read(config::Document& document);
  // What read() takes: the section of `document`, complete, without options that make no backbone.
  std::string text(const config::Document& document) const;

  // A built backbone with undefined weights; its own options are read from section `model` of
  // `document`.
  std::shared_ptr<Backbone> make(const config::Document& document,
                                 const image::ViewShape& input) const;
};

}  // namespace espalier::model

// The section `model` of a configuration.
#pragma once

#include <memory>
#include <string>

#include "config/document.h"
#include "model/backbone.h"

namespace espalier::model {

// Options of the section `model` that every backbone shares.
struct ModelOptions {
  std::string name = "conv_bn", norm = "auto", norm_sync = "local", init = "he_normal";
  bool recompute_stages = false;
  Fields fields();

  // A built backbone with undefined weights; its own options are read from section `model` of
  // `document`.
  std::shared_ptr<Backbone> make(const config::Document& document,
                                 const image::ViewShape& input) const;
};

}  // namespace espalier::model

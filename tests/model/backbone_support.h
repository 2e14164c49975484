// Small backbones of every registered kind, and images that they take.
#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "model/backbone.h"

namespace espalier::model {

using image::ViewShape;

// Narrow and with two blocks where it has such options, and with small patches.
inline std::shared_ptr<Backbone> built(const std::string& name, const ViewShape& input, Norm norm) {
  torch::set_num_threads(1);  // maps this small only wait for more
  auto backbone = Registry<Backbone>::create(name);
  for (const Field& field : backbone->fields()) {
    auto* const count = std::get_if<int64_t*>(&field.target);
    if (count == nullptr) continue;
    if (field.info.unit == "blocks") **count = 2;
    if (field.info.unit == "channels" || field.info.unit == "units")
      **count = std::min<int64_t>(**count, 64);
    if (field.name == "patch") **count = 2;
  }
  backbone->build(input, norm);
  return backbone;
}

// `wanted`, or where the backbone takes no such images the smallest that it takes.
inline ViewShape taken(const std::string& name, const ViewShape& wanted) {
  const int64_t least = Registry<Backbone>::create(name)->smallest_input();
  return {wanted.channels, std::max(wanted.height, least), std::max(wanted.width, least)};
}

// The normalisations that it can be built with: all, or its own alone.
inline std::vector<Norm> norms_of(const std::string& name) {
  const Norm own = Registry<Backbone>::create(name)->own_norm();
  try {
    built(name, taken(name, {3, 32, 32}), Norm::kBatch);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kUsage);
    return {own};
  }
  return {Norm::kBatch, Norm::kGroup, Norm::kNone};
}
inline Norm first_norm(const std::string& name) { return norms_of(name).front(); }

inline std::shared_ptr<Backbone> make(const std::string& name, const ViewShape& input, Norm norm) {
  const auto backbone = built(name, input, norm);
  torch::manual_seed(5);
  const torch::NoGradGuard no_grad;
  for (const auto& item : backbone->named_parameters())
    if (item.value().dim() >= 2)
      item.value().normal_(0, std::sqrt(2.0 / static_cast<double>(item.value()[0].numel())));
    else
      item.value().uniform_(0.5, 1.5);
  return backbone;
}

inline torch::Tensor images(const ViewShape& input, int64_t count = 2) {
  torch::manual_seed(6);
  return torch::randn({count, input.channels, input.height, input.width});
}

}  // namespace espalier::model

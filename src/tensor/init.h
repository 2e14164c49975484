// Initial weights, drawn by (seed, name): a parameter's values depend on nothing else, so that a
// lane's replica, a cut network and a resumed run all begin alike.
#pragma once

#include <string>

#include "core/names.h"

namespace torch::nn {
class Module;
}

namespace espalier::tensor {

// The schemes that model.init names, for matrices and convolutions:
//   auto              the one that the backbone was published with
//   he_normal         normal with variance 2 / fan_in (He et al. 2015, section 2.2)
//   glorot_uniform    uniform in +-sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010, eq. 16);
//                     Keras's default
//   truncated_normal  normal with deviation 0.02, cut at two deviations; timm's for transformers
// Tokens and position embeddings, [1, T, D], are drawn by the last whatever the scheme. Of vectors,
// `weight` of a normalisation is 1, everything else 0.
enum class InitScheme { kAuto, kHeNormal, kGlorotUniform, kTruncatedNormal };
constexpr auto names_of(InitScheme) {
  using enum InitScheme;
  return names<InitScheme>({{kAuto, "auto"},
                            {kHeNormal, "he_normal"},
                            {kGlorotUniform, "glorot_uniform"},
                            {kTruncatedNormal, "truncated_normal"}});
}

// Sets every parameter and running statistic of `module`; parameter p is drawn by (seed, prefix +
// its name). `scheme` is not auto.
void initialise(torch::nn::Module& module, const std::string& prefix, InitScheme scheme,
                uint64_t seed);

}  // namespace espalier::tensor
